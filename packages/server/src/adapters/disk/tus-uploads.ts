import { rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { FileConfigstore, FileStore } from '@tus/file-store'
import { Server, Upload } from '@tus/server'

/** Milliseconds for which a request that still holds an upload is waited for when the client comes with another. */
const lockDrainTimeout = 500

/** Uploads by tus 1.0 into a folder. They are begun here, never by a request. */
export class TusUploads {
  readonly #store: FileStore
  readonly #server: Server

  constructor(directory: string) {
    this.#store = new FileStore({ directory, configstore: new FileConfigstore(directory) })
    this.#server = new Server({
      path: '/',
      datastore: this.#store,
      lockDrainTimeout,
      // The gateway says whose pages may read answers.
      allowedOrigins: () => false,
      disableTerminationForFinishedUploads: true,
      // Whose upload it is, and until when, stands in the URL that the gateway checked.
      getFileIdFromRequest: (request) => new URL(request.url).pathname.split('/').at(-1) ?? '',
    })
  }

  /** @returns the bytes that are there */
  async begin(id: string, size: number): Promise<number> {
    try {
      return (await this.#store.getUpload(id)).offset
    } catch (error) {
      if (!isUnknown(error)) throw error
      await this.#store.create(new Upload({ id, size, offset: 0 }))
      return 0
    }
  }

  /** Its bytes, and what tus keeps of it beside them. */
  async forget(id: string): Promise<void> {
    const path = join(this.#store.directory, id)
    for (const file of [path, `${path}.json`]) await rm(file, { force: true })
  }

  /** A request whose path ends with the upload's id: PATCH and HEAD. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#server.handle(request, response)
  }
}

/** Errors of tus carry a status. */
const isUnknown = (error: unknown): boolean => {
  const { status_code: status } = error as { status_code?: number }
  return status === 404 || status === 410
}
