import { Sha256 } from './sha256.ts'

/** Bytes to upload, of which any part can be read, again and again. */
export interface UploadSource {
  size: number
  /** Its bytes from..to, `to` not included. */
  slice(from: number, to: number): Promise<Uint8Array<ArrayBuffer>>
}

/** Bytes that are hashed between two moments at which others may do something. */
const piece = 1024 * 1024

export function sourceOf(given: Blob | Uint8Array | UploadSource): UploadSource {
  if (given instanceof Blob) {
    const slice = async (from: number, to: number) => new Uint8Array(await given.slice(from, to).arrayBuffer())
    return { size: given.size, slice }
  }
  if (given instanceof Uint8Array) {
    return { size: given.length, slice: async (from, to) => new Uint8Array(given.subarray(from, to)) }
  }
  return given
}

export async function sha256Of({ size, slice }: UploadSource, signal?: AbortSignal): Promise<string> {
  const hash = new Sha256()
  for (let at = 0; at < size; at += piece) {
    signal?.throwIfAborted()
    hash.update(await slice(at, Math.min(size, at + piece)))
  }
  return hash.digest()
}
