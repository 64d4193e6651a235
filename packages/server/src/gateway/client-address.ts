import { BlockList, isIP, SocketAddress } from 'node:net'

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Addresses and CIDR ranges of proxies that are believed. @throws on what is neither */
export function trustedProxies(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(range) ?? []
    const bits = isIP(address) === 4 ? 32 : 128
    if (isIP(address) === 0 || Number(prefix ?? 0) > bits) {
      throw new Error(`"${range}" is not an address or a CIDR range.`)
    }
    if (prefix === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(prefix), familyOf(address))
  }
  return list
}

/** One spelling per address, without a port; IPv4 in its IPv6 clothes (`::ffff:192.0.2.1`) is IPv4. */
function plain(text: string): string | undefined {
  const address = text
    .trim()
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
  if (isIP(address) !== 6) return isIP(address) === 4 ? address : undefined
  const { address: spelled } = new SocketAddress({ address, family: 'ipv6' })
  return spelled.replace(/^::ffff:(?=[\d.]+$)/, '')
}

/**
 * The client's address: the peer, or behind trusted proxies the right-most address that is not one of them. What
 * stands further left was written by whoever asked, and is not believed.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | string[] | undefined,
  trusted: BlockList,
): string {
  let address = plain(peer ?? '')
  if (address === undefined || forwardedFor === undefined || !trusted.check(address, familyOf(address))) {
    return address ?? ''
  }
  const chain = String(forwardedFor).split(',')
  while (chain.length > 0 && trusted.check(address, familyOf(address))) {
    const next = plain(chain.pop() as string)
    if (next === undefined) break
    address = next
  }
  return address
}

/** What limits count by: one customer has a whole /64 of IPv6, and could take a new address for every request. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [left = '', right] = address.split('::')
  const groups = left === '' ? [] : left.split(':')
  if (right !== undefined) while (groups.length < 8 - right.split(':').length) groups.push('0')
  return `${groups.slice(0, 4).join(':')}::/64`
}
