import { type FileHandle, open, rm, stat, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { isMissing } from './folders.ts'

const version = '1.0.0'
/** Bytes that are written to the file together. */
const together = 256 * 1024

interface Writing {
  request: IncomingMessage
  done: Promise<void>
}

/**
 * Uploads by tus 1.0 into a folder: its core protocol, `HEAD` and `PATCH`. They are begun here, never by a request. Of
 * an upload there are two files: its bytes, and beside it how many there will be.
 */
export class TusUploads {
  readonly #directory
  /** By id: one request at a time writes. */
  #writing = new Map<string, Writing>()
  /** Sizes of uploads under way. */
  #sizes = new Map<string, number>()

  constructor(directory: string) {
    this.#directory = directory
  }

  /** @returns the bytes that are there */
  async begin(id: string, size: number): Promise<number> {
    const offset = (await this.#sizeOf(id)) === undefined ? undefined : await this.#offset(id)
    if (offset !== undefined) return offset
    await writeFile(this.#path(id), '', { mode: 0o600 })
    await writeFile(`${this.#path(id)}.size`, String(size), { mode: 0o600 })
    this.#sizes.set(id, size)
    return 0
  }

  async forget(id: string): Promise<void> {
    this.#sizes.delete(id)
    await this.#interrupt(id)
    for (const file of [this.#path(id), `${this.#path(id)}.size`]) await rm(file, { force: true })
  }

  /** A request whose path ends with the upload's id. Who may send it was checked before. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = /\/([A-Za-z0-9_-]+)(?:\?|$)/.exec(request.url ?? '')?.[1] ?? ''
    response.setHeader('tus-resumable', version)
    response.setHeader('cache-control', 'no-store')
    if (request.headers['tus-resumable'] !== version) {
      response.setHeader('tus-version', version)
      return refuse(request, response, 412)
    }
    const size = await this.#sizeOf(id)
    if (size === undefined) return refuse(request, response, 404)
    if (request.method === 'PATCH') return this.#patch(id, size, request, response)
    // Somebody who asks how far it came has lost the connection that the bytes came by.
    await this.#interrupt(id)
    const offset = await this.#offset(id)
    if (offset === undefined) return refuse(request, response, 404)
    response.setHeader('upload-length', size)
    response.writeHead(200, { 'upload-offset': offset }).end()
  }

  async #patch(id: string, size: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers['content-type'] !== 'application/offset+octet-stream') return refuse(request, response, 415)
    const told = Number(request.headers['upload-offset'] ?? Number.NaN)
    if (!Number.isSafeInteger(told) || told < 0) return refuse(request, response, 400)
    const length = Number(request.headers['content-length'] ?? 0)
    if (told + length > size) return refuse(request, response, 413)
    await this.#interrupt(id)
    const done = Promise.withResolvers<void>()
    this.#writing.set(id, { request, done: done.promise })
    let file: FileHandle | undefined
    try {
      file = await open(this.#path(id), 'r+')
      if ((await file.stat()).size !== told) return refuse(request, response, 409)
      const offset = await append(file, request, told, size)
      response.writeHead(204, { 'upload-offset': offset }).end()
    } catch (error) {
      if (isMissing(error)) return refuse(request, response, 404)
      if (!response.headersSent) response.destroy()
      const broke = request.destroyed && !request.complete
      if (!broke) throw error
    } finally {
      await file?.close()
      this.#writing.delete(id)
      done.resolve()
    }
  }

  /** What still comes by another connection comes to its end. */
  async #interrupt(id: string): Promise<void> {
    for (let writing = this.#writing.get(id); writing; writing = this.#writing.get(id)) {
      writing.request.destroy()
      await writing.done
    }
  }

  async #sizeOf(id: string): Promise<number | undefined> {
    const known = this.#sizes.get(id)
    if (known !== undefined || id === '') return known
    try {
      const file = await open(`${this.#path(id)}.size`, 'r')
      try {
        const size = Number(await file.readFile('utf8'))
        this.#sizes.set(id, size)
        return size
      } finally {
        await file.close()
      }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async #offset(id: string): Promise<number | undefined> {
    try {
      return (await stat(this.#path(id))).size
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  #path(id: string): string {
    return join(this.#directory, id)
  }
}

/** Bytes as they come, each written once; whatever came before a connection broke is kept. @returns how many are there */
function append(file: FileHandle, request: IncomingMessage, from: number, size: number): Promise<number> {
  let offset = from
  let received = from
  let waiting: Buffer[] = []
  let bytes = 0
  let writing = false
  let end: { error?: Error } | undefined
  return new Promise((resolve, reject) => {
    const finish = (given: { error?: Error }): void => {
      end ??= given
      advance()
    }
    const advance = (): void => {
      if (writing) return
      if (waiting.length === 0) {
        if (end) end.error ? reject(end.error) : resolve(offset)
        return
      }
      if (bytes < together && !end) return
      const [all, count] = [waiting, bytes]
      waiting = []
      bytes = 0
      writing = true
      file.writev(all, offset).then(
        () => {
          offset += count
          writing = false
          request.resume()
          advance()
        },
        (error: Error) => {
          writing = false
          waiting = []
          finish({ error })
        },
      )
    }
    request.on('data', (chunk: Buffer) => {
      if (end) return
      received += chunk.length
      if (received > size) return finish({ error: new Error('more came than was announced') })
      waiting.push(chunk)
      bytes += chunk.length
      if (writing && bytes >= together) request.pause()
      advance()
    })
    request.on('end', () => finish({}))
    request.on('error', (error) => finish({ error }))
    const broke = { error: new Error('the connection broke') }
    request.on('close', () => finish(request.complete ? {} : broke))
    // It may have been closed before anybody listened.
    if (request.destroyed) finish(broke)
  })
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  // Bytes that nobody takes are not waited for.
  if (!request.complete) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-length': 0 }).end()
}
