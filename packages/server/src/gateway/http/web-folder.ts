import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

export interface WebFile {
  body: Buffer
  type: string
  encoding?: 'br' | 'gzip'
  /** Its name has the hash of what is in it. */
  immutable: boolean
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

const encodings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/** A built web app on disk. Only what stood in the folder when its index was read is ever opened. */
export class WebFolder {
  readonly #folder
  #listed: { of: number; names: ReadonlySet<string> } | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  /** `path`: as in a URL, decoded. Packed as the client takes it, where that stands beside the file. */
  async find(path: string, acceptEncoding = ''): Promise<WebFile | undefined> {
    const names = await this.#names()
    const name = path.slice(1)
    const type = types[extname(name)]
    if (!names.has(name) || type === undefined) return undefined
    const immutable = name.startsWith('assets/')
    for (const [encoding, suffix] of encodings) {
      if (!names.has(name + suffix) || !acceptEncoding.includes(encoding)) continue
      return { body: await this.#read(name + suffix), type, encoding, immutable }
    }
    return { body: await this.#read(name), type, immutable }
  }

  #read(name: string): Promise<Buffer> {
    return readFile(join(this.#folder, name))
  }

  /** Listed again when another build stands there. */
  async #names(): Promise<ReadonlySet<string>> {
    const index = await stat(join(this.#folder, 'index.html')).catch(() => undefined)
    if (!index) return new Set()
    if (this.#listed?.of === index.mtimeMs) return this.#listed.names
    const found = await readdir(this.#folder, { recursive: true })
    const names = new Set(found.map((name) => name.split(sep).join('/')))
    this.#listed = { of: index.mtimeMs, names }
    return names
  }
}
