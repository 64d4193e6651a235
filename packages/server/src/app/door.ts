import type { IncomingMessage } from 'node:http'
import { type ErrorCode, errorStatus } from '@parley/protocol'
import { clientAddress, networkOf, trustedProxies } from '../gateway/client-address.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { retryAfterSeconds } from '../gateway/http/problem.ts'
import { originAllowed } from '../gateway/origin.ts'
import type { RateLimiter } from '../gateway/rate-limiter.ts'
import { connectRules } from '../gateway/rate-limits.ts'
import type { SocketDoor } from '../gateway/web-socket.ts'
import type { Settings } from './options.ts'

/** Sockets of one node; far below the limit of open files of a usual process. */
const connectionCap = 20_000
/** Milliseconds after which one who found no room may knock again. */
const capWait = 5000

/** Who may knock: origin, connection cap, rate by address; all before authentication. `refused`: told of each refusal. */
export function createDoor(
  settings: Pick<Settings, 'trustedProxies' | 'rateLimits' | 'origins'>,
  gateway: Pick<Gateway, 'connections' | 'accept'>,
  limiter: RateLimiter,
  refused: (code: ErrorCode) => void,
): { door: SocketDoor; clientAddress: (request: IncomingMessage) => string } {
  const trusted = trustedProxies(settings.trustedProxies)
  const addressOf = (request: IncomingMessage): string =>
    clientAddress(request.socket.remoteAddress, request.headers['x-forwarded-for'], trusted)
  const capped = settings.rateLimits === 'on'
  const refuse = (code: ErrorCode, wait?: number): ReturnType<SocketDoor['refuse']> => {
    refused(code)
    const status = errorStatus[code]
    return wait === undefined ? { status } : { status, headers: { 'Retry-After': retryAfterSeconds(wait) } }
  }
  const door: SocketDoor = {
    address: addressOf,
    refuse: (request) => {
      if (!originAllowed(request.headers.origin, request.headers.host, settings.origins)) return refuse('forbidden')
      if (capped && gateway.connections >= connectionCap) return refuse('unavailable', capWait)
      for (const rule of connectRules) {
        const wait = limiter.take(rule, rule.name, networkOf(addressOf(request)))
        if (typeof wait === 'number' && wait > 0) return refuse('rate_limited', wait)
      }
      return undefined
    },
    accept: (connection, codec, address) => gateway.accept(connection, codec, address),
  }
  return { door, clientAddress: addressOf }
}
