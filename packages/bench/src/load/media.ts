import { createHash, randomBytes } from 'node:crypto'
import { callApi, inLanes } from './api.ts'
import { HttpBytes } from './http-bytes.ts'
import type { Endpoint } from './wire-socket.ts'

export const fileBytes = 100_000
const lanes = 16

export interface AnnouncedFile {
  id: string
  upload: { url: string; headers: Record<string, string> }
}

/** Files of 100 KB that differ: none is stored in the place of another. */
export function randomFiles(count: number): Buffer[] {
  const base = randomBytes(fileBytes)
  return Array.from({ length: count }, () => {
    const bytes = Buffer.from(base)
    randomBytes(16).copy(bytes)
    return bytes
  })
}

/** A device that uploads and downloads, several files at a time. */
export class MediaLoad {
  readonly #endpoint
  readonly #token
  readonly #http = new HttpBytes(lanes)

  constructor(endpoint: Endpoint, token: string) {
    this.#endpoint = endpoint
    this.#token = token
  }

  announce(files: readonly Buffer[]): Promise<AnnouncedFile[]> {
    return this.#each(files, (bytes) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      return this.#call('POST', '/v1/media', { size: bytes.length, type: 'application/octet-stream', sha256 })
    })
  }

  async send(announced: readonly AnnouncedFile[], files: readonly Buffer[]): Promise<void> {
    await this.#each(announced, ({ upload: { url, headers } }, index) => {
      const { pathname, search } = new URL(url)
      return this.#http.send({
        port: this.#endpoint.port,
        method: 'PATCH',
        path: pathname + search,
        headers,
        body: files[index] as Buffer,
      })
    })
  }

  async complete(announced: readonly AnnouncedFile[]): Promise<void> {
    await this.#each(announced, ({ id }) => this.#call('POST', `/v1/media/${id}/complete`, {}))
  }

  /** Paths and queries of signed URLs. */
  paths(announced: readonly AnnouncedFile[]): Promise<string[]> {
    return this.#each(announced, async ({ id }) => {
      const { url } = await this.#call<{ url: string }>('GET', `/v1/media/${id}/url`)
      const { pathname, search } = new URL(url)
      return pathname + search
    })
  }

  /** Every path so many times. @throws when less comes than a file has */
  async get(port: number, paths: readonly string[], times: number): Promise<void> {
    await inLanes(paths.length * times, lanes, async (index) => {
      const bytes = await this.#http.send({ port, method: 'GET', path: paths[index % paths.length] ?? '' })
      if (bytes !== fileBytes) throw new Error(`${bytes} bytes came of a file of ${fileBytes}`)
    })
  }

  /** By WebDAV. */
  async put(port: number, files: readonly Buffer[], round: number): Promise<void> {
    await this.#each(files, (body, index) =>
      this.#http.send({ port, method: 'PUT', path: `/put-${round}-${index}`, body }),
    )
  }

  close(): void {
    this.#http.close()
  }

  #each<Item, Result>(items: readonly Item[], task: (item: Item, index: number) => Promise<Result>): Promise<Result[]> {
    return inLanes(items.length, lanes, (index) => task(items[index] as Item, index))
  }

  #call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    return callApi<Answer>(this.#endpoint, this.#token, method, path, body)
  }
}
