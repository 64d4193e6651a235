import type { IncomingMessage } from 'node:http'
import { clientAddress, networkOf, trustedProxies } from '../gateway/client-address.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { originAllowed } from '../gateway/origin.ts'
import type { RateLimiter } from '../gateway/rate-limiter.ts'
import { connectRules } from '../gateway/rate-limits.ts'
import type { SocketDoor } from '../gateway/web-socket.ts'
import type { Settings } from './options.ts'

/** Sockets of one node; far below the limit of open files of a usual process. */
const connectionCap = 20_000

/** Who may knock: origin, connection cap, rate by address; all before authentication. */
export function createDoor(
  settings: Settings,
  gateway: Gateway,
  limiter: RateLimiter,
): { door: SocketDoor; clientAddress: (request: IncomingMessage) => string } {
  const trusted = trustedProxies(settings.trustedProxies)
  const addressOf = (request: IncomingMessage): string =>
    clientAddress(request.socket.remoteAddress, request.headers['x-forwarded-for'], trusted)
  const capped = settings.rateLimits === 'on'
  const door: SocketDoor = {
    address: addressOf,
    refuse: (request) => {
      if (!originAllowed(request.headers.origin, request.headers.host, settings.origins)) return { status: 403 }
      if (capped && gateway.connections >= connectionCap) return { status: 503, headers: { 'Retry-After': '5' } }
      for (const rule of connectRules) {
        const wait = limiter.take(rule, rule.name, networkOf(addressOf(request)))
        if (typeof wait === 'number' && wait > 0) {
          return { status: 429, headers: { 'Retry-After': String(Math.ceil(wait / 1000)) } }
        }
      }
      return undefined
    },
    accept: (connection, codec, address) => gateway.accept(connection, codec, address),
  }
  return { door, clientAddress: addressOf }
}
