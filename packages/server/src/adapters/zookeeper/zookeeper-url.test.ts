import { describe, expect, it } from 'vitest'
import { parseZooKeeperUrl } from './zookeeper-url.ts'

describe('address of ZooKeeper', () => {
  it('names servers, a path and a timeout, with defaults', () => {
    expect(parseZooKeeperUrl('zookeeper://a')).toEqual({ servers: ['a:2181'], root: '/parley', timeout: 8000 })
    expect(parseZooKeeperUrl('zookeeper://a:1,10.0.0.2,c:3/one/two/?timeout=4000')).toEqual({
      servers: ['a:1', '10.0.0.2:2181', 'c:3'],
      root: '/one/two',
      timeout: 4000,
    })
  })

  for (const wrong of [
    'zookeeper://',
    'http://a',
    'a:2181',
    'zookeeper://a:x/b',
    'zookeeper://a,,b',
    'zookeeper://u:p@a',
  ]) {
    it(`"${wrong}" is refused`, () => expect(() => parseZooKeeperUrl(wrong)).toThrow('no address'))
  }
  for (const wrong of ['zookeeper://a/b c', 'zookeeper://a/../b', 'zookeeper://a/x//y']) {
    it(`"${wrong}" is refused`, () => expect(() => parseZooKeeperUrl(wrong)).toThrow('path'))
  }
  for (const wrong of ['timeout=0', 'timeout=abc', 'timeout=99999999', 'retries=3']) {
    it(`"${wrong}" is refused`, () => expect(() => parseZooKeeperUrl(`zookeeper://a/b?${wrong}`)).toThrow('timeout'))
  }
})
