import { lookup as resolveName } from 'node:dns'
import { Agent, type RequestOptions, request } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'

const answerTime = 10_000

export interface Answer {
  status: number
  location: string | undefined
  /** Seconds. */
  retryAfter: number | undefined
}

/** Addresses that no push service has (RFC 6890): this machine, private networks, metadata services, multicast. */
const inside = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  inside.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
  ['64:ff9b::', 96],
] as const) {
  inside.addSubnet(network, prefix, 'ipv6')
}

/** IPv4 in IPv6 (`::ffff:127.0.0.1`) counts as what it is. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && !inside.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/**
 * POSTs to endpoints that clients name. Where they lead is checked on the address that is connected to, so that no name
 * leads into the operator's own network; redirects are not followed.
 */
export class EndpointClient {
  readonly #agent
  readonly #options: RequestOptions
  readonly #privateAddresses

  constructor({ privateAddresses, ca }: { privateAddresses: boolean; ca: string | undefined }) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 16 })
    this.#privateAddresses = privateAddresses
    this.#options = {
      method: 'POST',
      agent: this.#agent,
      ...(ca === undefined ? {} : { ca }),
      ...(privateAddresses ? {} : { lookup: publicOnly }),
    }
  }

  /** @throws Error when there was no answer; the service may have taken it all the same */
  post(endpoint: string, headers: Record<string, string | number>, body: Uint8Array): Promise<Answer> {
    const { hostname, protocol } = new URL(endpoint)
    const literal = hostname.replace(/^\[|\]$/g, '')
    // A literal address is never looked up.
    if (!this.#privateAddresses && isIP(literal) !== 0 && !isPublicAddress(literal)) {
      return Promise.reject(new Error('the endpoint is not public'))
    }
    if (protocol !== 'https:') return Promise.reject(new Error('the endpoint is not https'))
    return new Promise((resolve, reject) => {
      const post = request(
        endpoint,
        { ...this.#options, headers, signal: AbortSignal.timeout(answerTime) },
        (response) => {
          const retryAfter = Number(response.headers['retry-after'])
          const { statusCode: status = 0, headers } = response
          response.resume()
          resolve({ status, location: headers.location, retryAfter: retryAfter > 0 ? retryAfter : undefined })
        },
      )
      post.on('error', reject)
      post.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

const publicOnly: LookupFunction = (hostname, options, callback) => {
  resolveName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, [])
    const open = addresses.filter(({ address }) => isPublicAddress(address))
    const first = open[0]
    if (!first) return callback(new Error('the endpoint is not public'), [])
    if (options.all) callback(null, open)
    else callback(null, first.address, first.family)
  })
}
