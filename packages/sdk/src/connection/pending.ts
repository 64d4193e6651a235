import type { ErrorFrame, OkFrame } from '@parley/protocol'
import { OfflineError, ParleyError } from '../lib/errors.ts'

interface Asked {
  resolve(answer: OkFrame): void
  reject(error: Error): void
}

/** Frames with a `ref` that wait for their `ok` or `error` (rule S3). */
export class Pending {
  readonly #asked = new Map<number, Asked>()
  #last = 0

  /** Gives the ref of a new frame to `send`; resolves with its `ok`. */
  ask(send: (ref: number) => void): Promise<OkFrame> {
    const ref = ++this.#last
    return new Promise((resolve, reject) => {
      this.#asked.set(ref, { resolve, reject })
      send(ref)
    })
  }

  ok(frame: OkFrame): void {
    this.#take(frame.ref)?.resolve(frame)
  }

  refuse(ref: number, frame: ErrorFrame): void {
    this.#take(ref)?.reject(errorOf(frame))
  }

  /** No answer will come any more. */
  lost(): void {
    for (const { reject } of this.#asked.values()) reject(new OfflineError('The connection broke.'))
    this.#asked.clear()
  }

  #take(ref: number): Asked | undefined {
    const asked = this.#asked.get(ref)
    this.#asked.delete(ref)
    return asked
  }
}

export function errorOf({ code, message, field, retryAfter }: ErrorFrame): ParleyError {
  return new ParleyError(code, message, {
    ...(field !== undefined && { field }),
    ...(retryAfter !== undefined && { retryAfter }),
  })
}
