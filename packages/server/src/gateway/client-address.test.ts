import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientAddress, networkOf, trustedProxies } from './client-address.ts'

const proxies = trustedProxies(['10.0.0.0/8', '192.0.2.1', 'fd00::/8'])
const nobody = trustedProxies([])

const outside4 = fc.ipV4().filter((address) => !address.startsWith('10.') && address !== '192.0.2.1')
const outside = fc.oneof(outside4, fc.constantFrom('2001:db8::1', '2a00::5', 'fe80::1'))
const proxy = fc.oneof(
  fc.constantFrom('192.0.2.1', '::ffff:10.0.0.1', 'fd00::2'),
  fc.nat(255).map((last) => `10.1.2.${last}`),
)
/** What somebody may write into a header of their own request. */
const forged = fc.array(fc.oneof(outside, proxy, fc.constantFrom('', 'unknown', '::', '1.2.3'), fc.string()))

describe('client address', () => {
  it('no header is believed of one who is no trusted proxy', () => {
    fc.assert(
      fc.property(outside, forged, (peer, header) => {
        expect(clientAddress(peer, header.join(', '), proxies)).toBe(peer)
        expect(clientAddress(peer, header.join(', '), nobody)).toBe(peer)
      }),
      { numRuns: 2000 },
    )
  })

  it('behind proxies it is the one who spoke to the first of them, whatever was forged before', () => {
    fc.assert(
      fc.property(outside, forged, fc.array(proxy, { minLength: 1, maxLength: 4 }), (client, header, chain) => {
        // Each proxy appends whom it was asked by.
        const written = [...header, client, ...chain.slice(0, -1)].join(',')
        expect(clientAddress(chain.at(-1), written, proxies)).toBe(client)
      }),
      { numRuns: 2000 },
    )
  })

  it('is always an address that spoke to a proxy, or a proxy', () => {
    fc.assert(
      fc.property(proxy, fc.string(), (peer, header) => {
        const address = clientAddress(peer, header, proxies)
        expect(address).not.toContain(',')
        expect(networkOf(address)).not.toBe('')
      }),
      { numRuns: 2000 },
    )
  })

  it('reads ports, brackets, spellings of IPv6, and headers that came several times', () => {
    const behind = (header: string | string[] | undefined) => clientAddress('10.0.0.1', header, proxies)
    expect(behind('198.51.100.7:4711')).toBe('198.51.100.7')
    expect(behind('[2001:DB8::1]:4711')).toBe('2001:db8::1')
    expect(behind('2001:0db8:0000::0001')).toBe('2001:db8::1')
    expect(behind('::ffff:c633:6407')).toBe('198.51.100.7')
    expect(behind(['198.51.100.9', '198.51.100.7, 10.0.0.9'])).toBe('198.51.100.7')
    expect(behind(undefined)).toBe('10.0.0.1')
    expect(behind('')).toBe('10.0.0.1')
    expect(clientAddress('::ffff:198.51.100.7', undefined, nobody)).toBe('198.51.100.7')
    expect(clientAddress(undefined, '198.51.100.7', proxies)).toBe('')
  })

  it('an item that is no address ends what is believed', () => {
    expect(clientAddress('10.0.0.1', '198.51.100.7, unknown, 10.0.0.2', proxies)).toBe('10.0.0.2')
  })

  it('when all are proxies it is the one furthest away', () => {
    expect(clientAddress('10.0.0.1', '10.0.0.3, 10.0.0.2', proxies)).toBe('10.0.0.3')
  })

  for (const wrong of [
    '',
    '10.0.0.0/',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0.0/8/8',
    '10.0.0/8',
    'proxy',
    '10.0.0.0/-1',
  ]) {
    it(`"${wrong}" is no range of proxies`, () => {
      expect(() => trustedProxies([wrong])).toThrow('CIDR')
    })
  }
})

describe('network of an address', () => {
  it('is the address itself in IPv4, and the first half in IPv6', () => {
    expect(networkOf('198.51.100.7')).toBe('198.51.100.7')
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64')
    expect(networkOf('::1')).toBe('0:0:0:0::/64')
    expect(networkOf('2001:db8:1::')).toBe('2001:db8:1:0::/64')
  })

  it('is the same for all addresses of a /64, however they are spelled', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16))
    const half = fc.array(group, { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(half, half, half, (network, one, other) => {
        const networks = [one, other].map((host) => {
          const address = clientAddress([...network, ...host].join(':'), undefined, nobody)
          return address.includes(':') ? networkOf(address) : undefined
        })
        if (networks.every((found) => found !== undefined)) expect(networks[0]).toBe(networks[1])
      }),
      { numRuns: 2000 },
    )
  })
})
