import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../lib/clock.ts'

/** Milliseconds in which the body of a request must have come, that of an upload aside. */
const bodyTime = 30_000
/** Bytes of media: a connection that is slow is none that does harm. */
const uploads = '/v1/uploads/'

/** Who sends a body by drops does not hold a connection. An `onRequest` hook. */
export function createBodyTimeout(clock: Clock) {
  return (request: FastifyRequest, _reply: unknown, done: () => void): void => {
    const { raw } = request
    const hasBody = raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined
    if (hasBody && !request.url.startsWith(uploads)) {
      const timer = clock.after(bodyTime, () => raw.destroy())
      raw.once('end', () => timer.cancel())
      raw.once('close', () => timer.cancel())
    }
    done()
  }
}
