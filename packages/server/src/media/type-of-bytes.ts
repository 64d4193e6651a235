import { fileTypeFromBuffer } from 'file-type'

/** Bytes from the start of a file that are enough to tell its type. */
export const sniffedBytes = 4100

const unknown = 'application/octet-stream'

/** Types that browsers may show; everything else is an attachment. */
const safe = new Set([
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'image/avif',
  'video/mp4',
  'video/webm',
  'video/ogg',
  'video/quicktime',
  'audio/mpeg',
  'audio/mp4',
  'audio/aac',
  'audio/ogg',
  'audio/webm',
  'audio/wav',
  'audio/flac',
])

export const isSafe = (type: string): boolean => safe.has(type)

/** What `file-type` calls otherwise than the rest of the world. */
const synonyms: Readonly<Record<string, string>> = {
  'audio/x-m4a': 'audio/mp4',
  'video/x-m4v': 'video/mp4',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'audio/opus': 'audio/ogg',
  'application/ogg': 'audio/ogg',
  'audio/ogg; codecs=opus': 'audio/ogg',
  'image/apng': 'image/png',
}

/**
 * The type of a file from its first bytes; what they do not tell is taken from `told`, as long as a browser would do
 * nothing with it. Bytes that are no picture, video or sound are never told as one.
 */
export async function typeOfBytes(start: Uint8Array, told: string): Promise<string> {
  const sniffed = (await fileTypeFromBuffer(start))?.mime
  const found = sniffed && (synonyms[sniffed] ?? sniffed.split(';')[0]?.trim())
  if (found === undefined) return /^(image|video|audio)\//.test(told) ? unknown : told
  // One container for what is seen and what is only heard: the bytes at the start do not tell.
  const sound = found.replace(/^video\/(webm|mp4|ogg)$/, 'audio/$1')
  if (sound !== found && told === sound) return sound
  // Documents that are archives inside.
  if (found === 'application/zip' && /^application\/(vnd\.|epub|java-archive)/.test(told)) return told
  return found
}
