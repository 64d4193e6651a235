import type { Upload, UploadPart } from '@parley/protocol'
import type { Clock, Fetch, FetchAnswer } from '../lib/environment.ts'
import { OfflineError, ParleyError } from '../lib/errors.ts'
import type { UploadSource } from './upload-source.ts'

/** Bytes of one request: small enough to show progress and to lose little when it breaks. */
const chunk = 2 * 1024 * 1024
/** Milliseconds for one request. */
const patience = 120_000

interface Sending {
  fetch: Fetch
  clock: Clock
  source: UploadSource
  signal: AbortSignal
  /** Told of the bytes that are there. */
  progress: (sent: number) => void
}

/** Sends what is missing, as `upload` says (rule M1). Rejects with `OfflineError` when it broke: asking how it goes on tells what is there. */
export function sendBytes(upload: Upload, sending: Sending): Promise<void> {
  return upload.parts ? sendParts(upload, upload.parts, sending) : sendByTus(upload, sending)
}

async function sendByTus({ method, url, headers, offset = 0 }: Upload, sending: Sending): Promise<void> {
  const { source, progress } = sending
  let at = offset
  progress(at)
  while (at < source.size) {
    const body = await source.slice(at, Math.min(source.size, at + chunk))
    const answer = await request(sending, url, method, { ...headers, 'upload-offset': String(at) }, body)
    const there = Number(answer.headers.get('upload-offset') ?? Number.NaN)
    if (answer.status !== 204 || !(there > at)) throw broken(answer)
    at = there
    progress(at)
  }
}

async function sendParts({ method, headers }: Upload, parts: readonly UploadPart[], sending: Sending): Promise<void> {
  const { source, progress } = sending
  let sent = parts.filter(({ stored }) => stored).reduce((sum, { size }) => sum + size, 0)
  progress(sent)
  for (const { url, from, size, stored } of parts) {
    if (stored) continue
    const answer = await request(sending, url, method, headers, await source.slice(from, from + size))
    if (answer.status < 200 || answer.status > 299) throw broken(answer)
    sent += size
    progress(sent)
  }
}

async function request(
  { fetch, clock, signal }: Sending,
  url: string,
  method: string,
  headers: Record<string, string>,
  body: Uint8Array<ArrayBuffer>,
): Promise<FetchAnswer> {
  signal.throwIfAborted()
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  const timer = clock.after(patience, () => controller.abort(new OfflineError('The upload stands still.')))
  try {
    const answer = await fetch(url, { method, headers, body, signal: controller.signal })
    await answer.text()
    return answer
  } catch (error) {
    signal.throwIfAborted()
    throw new OfflineError('The upload broke.', { cause: error })
  } finally {
    timer.cancel()
    signal.removeEventListener('abort', abort)
  }
}

/** Answers after which it goes on from what is there are no errors: an offset that moved, a URL that is too old. */
function broken({ status }: FetchAnswer): Error {
  if (status === 413) return new ParleyError('too_large', 'The file is too large.')
  return new OfflineError(`The upload was answered ${status}.`)
}
