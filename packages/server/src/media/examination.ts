import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { sniffedBytes, typeOfBytes } from './type-of-bytes.ts'

/**
 * Reads bytes once: what is their hash, and their type? Those of a type among `copied` are put into the file `copy`.
 */
export async function examine(
  bytes: Readable,
  told: { type: string },
  copied: ReadonlySet<string>,
  copy: string,
): Promise<{ sha256: string; type: string }> {
  const hash = createHash('sha256')
  let start: Buffer[] = []
  let collected = 0
  let type: string | undefined
  let file: ReturnType<typeof createWriteStream> | undefined
  const decide = async (): Promise<void> => {
    const first = Buffer.concat(start)
    start = []
    type = await typeOfBytes(first, told.type)
    if (!copied.has(type)) return
    file = createWriteStream(copy, { mode: 0o600 })
    file.write(first)
  }
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    hash.update(chunk)
    if (type === undefined) {
      start.push(chunk)
      collected += chunk.length
      if (collected >= sniffedBytes) await decide()
    } else if (file?.write(chunk) === false) await once(file, 'drain')
  }
  if (type === undefined) await decide()
  if (file) {
    file.end()
    await finished(file)
  }
  return { sha256: hash.digest('hex'), type: type as unknown as string }
}
