import { describe, expect, it } from 'vitest'
import { parseCassandraUrl } from './connection-url.ts'

describe('Cassandra URL', () => {
  it('names hosts, keyspace and options', () => {
    const url =
      'cassandra://ann:se%3Acret@h1:1,h2:2/Parley?dc=here&replication=here:3,there:2&consistency=global&tls=true'
    expect(parseCassandraUrl(url)).toEqual({
      contactPoints: ['h1:1', 'h2:2'],
      port: 2,
      keyspace: 'parley',
      username: 'ann',
      password: 'se:cret',
      tls: true,
      dataCenter: 'here',
      replication: new Map([
        ['here', 3],
        ['there', 2],
      ]),
      consistency: 'global',
    })
  })

  it('needs no more than a host and a keyspace', () => {
    expect(parseCassandraUrl('cassandra://db/parley')).toEqual({
      contactPoints: ['db:9042'],
      port: 9042,
      keyspace: 'parley',
      username: undefined,
      password: undefined,
      tls: false,
      dataCenter: undefined,
      replication: undefined,
      consistency: undefined,
    })
    expect(parseCassandraUrl('cassandra://db/parley?replication=3').replication).toBe(3)
  })

  it('a port behind the last host is that of all', () => {
    expect(parseCassandraUrl('cassandra://h1,h2:9999/p').contactPoints).toEqual(['h1:9999', 'h2:9999'])
    expect(parseCassandraUrl('cassandra://[::1],[::2]:9999/p').contactPoints).toEqual(['[::1]:9999', '[::2]:9999'])
  })

  it.each([
    ['cassandra://db', /looks like this/],
    ['cassandra:///p', /looks like this/],
    ['cassandra://db/1p', /looks like this/],
    ['postgres://db/p', /looks like this/],
    ['cassandra://a b/p', /no host/],
    ['cassandra://db/p?replicas=3', /replicas is no option/],
    ['cassandra://db/p?replication=many', /replication is a number/],
    ['cassandra://db/p?consistency=one', /consistency .* is local or global/],
  ])('%s is refused', (url, reason) => {
    expect(() => parseCassandraUrl(url)).toThrow(reason)
  })
})
