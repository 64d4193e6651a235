import { BlockList, isIP } from 'node:net'

/** Addresses and CIDR ranges of proxies that are believed. @throws on what is neither */
export function trustedProxies(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (isIP(address) === 0) throw new Error(`"${range}" is not an address or a CIDR range.`)
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}

/** IPv4 in its IPv6 clothes (`::ffff:192.0.2.1`) is IPv4. */
const plain = (address: string): string => address.trim().replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')

const isTrusted = (address: string, trusted: BlockList): boolean =>
  isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

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
  const chain = (Array.isArray(forwardedFor) ? forwardedFor.join(',') : (forwardedFor ?? '')).split(',').map(plain)
  while (isTrusted(address, trusted) && chain.length > 0) {
    const next = chain.pop() as string
    if (isIP(next) === 0) break
    address = next
  }
  return address
}
