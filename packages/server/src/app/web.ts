import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { mountWebApp } from '../gateway/http/web-app.ts'
import { WebFolder } from '../gateway/http/web-folder.ts'
import { buildingPage, frontPage } from './front-page.ts'
import type { Settings } from './options.ts'

/** Of packed packages, of the repository. */
const places = [
  join(import.meta.dirname, '..', 'web'),
  join(import.meta.dirname, '..', '..', '..', '..', 'apps', 'web', 'dist'),
]

function folderOf({ web }: Pick<Settings, 'web'>): string {
  if (web !== 'auto') return web
  return places.find((place) => existsSync(join(place, 'index.html'))) ?? (places[1] as string)
}

/** An address as the origin that a page may talk to; sockets are named by their scheme. */
function originOf(url: string): string[] {
  const parsed = URL.parse(url.replace(/^ws/, 'http'))
  return parsed ? [parsed.origin] : []
}

export interface WebSources {
  settings: Pick<Settings, 'web' | 'origins' | 'publicUrl'>
  /** Addresses of the service's other nodes, as far as they are known. */
  nodes: () => readonly string[]
  /** Origins of media that is not on this server. */
  media: () => readonly string[]
  /** True while the app is being built. */
  building: () => boolean
}

/** Serves the web app at `/`. */
export function mountWeb(server: FastifyInstance, { settings, nodes, media, building }: WebSources): void {
  if (settings.web === 'off') {
    server.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(frontPage))
    return
  }
  const named = [...settings.origins, ...(settings.publicUrl ? [settings.publicUrl] : [])]
  mountWebApp(server, {
    folder: new WebFolder(folderOf(settings)),
    origins: () => ({ servers: [...named, ...nodes()].flatMap(originOf), media: media() }),
    instead: () => (building() ? buildingPage : undefined),
    front: frontPage,
  })
}
