import { describe, expect, it } from 'vitest'
import { MemorySecretStore } from '../adapters/memory/secret-store.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import { describeContract, movedTime } from '../lib/stores.contract.ts'
import { SealError, SealedSecrets } from './sealed-secrets.ts'
import { secretStoreRules } from './secret-store.contract.ts'

const secret = 'a secret of the service, long enough'
const key = Buffer.from('0123456789abcdef')

async function open() {
  const store = new MemorySecretStore()
  const node = async (seed = 0) => ({ secrets: new SealedSecrets(store, secret, seededRandom(seed)) })
  return { ...movedTime(), node, close: async () => {} }
}

describeContract('sealed secrets', secretStoreRules, open, { runs: 100, exact: true })

describe('sealed secrets', () => {
  const over = (store: MemorySecretStore, given: string | undefined) => new SealedSecrets(store, given, seededRandom(1))
  const nothing = new Uint8Array()

  it('are not seen in the store, and differ for the same value', async () => {
    const store = new MemorySecretStore()
    const lying: Buffer[] = []
    for (const name of ['a', 'b']) {
      await over(store, secret).putIfAbsent(name, key)
      lying.push(Buffer.from(await store.putIfAbsent(name, nothing)))
    }
    for (const bytes of lying) expect(bytes.includes(key.subarray(0, 4))).toBe(false)
    expect(lying[0]?.equals(lying[1] as Buffer)).toBe(false)
  })

  it('are refused with another secret, with none, and under another name', async () => {
    const store = new MemorySecretStore()
    await over(store, secret).putIfAbsent('a', key)
    await expect(over(store, `${secret}!`).putIfAbsent('a', key)).rejects.toThrow('is not the one')
    await expect(over(store, undefined).putIfAbsent('a', key)).rejects.toThrow('set PARLEY_SECRET')
    await store.putIfAbsent('b', await store.putIfAbsent('a', nothing))
    await expect(over(store, secret).putIfAbsent('b', key)).rejects.toThrow(SealError)
  })

  it('that were changed in the store are refused', async () => {
    const store = new MemorySecretStore()
    await over(store, secret).putIfAbsent('a', key)
    const bytes = await store.putIfAbsent('a', nothing)
    for (let index = 0; index < bytes.length; index++) {
      const spoiled = Uint8Array.from(bytes)
      spoiled[index] = (spoiled[index] as number) ^ 1
      const other = new MemorySecretStore()
      await other.putIfAbsent('a', spoiled)
      await expect(over(other, secret).putIfAbsent('a', key)).rejects.toThrow(SealError)
    }
    for (const cut of [0, 1, 12, 28]) {
      const other = new MemorySecretStore()
      await other.putIfAbsent('a', bytes.subarray(0, cut))
      await expect(over(other, secret).putIfAbsent('a', key)).rejects.toThrow(SealError)
    }
  })

  it('without a secret lie as they are; one that is set later is refused, for it would protect nothing', async () => {
    const store = new MemorySecretStore()
    expect(Buffer.from(await over(store, undefined).putIfAbsent('a', key)).equals(key)).toBe(true)
    await expect(over(store, secret).putIfAbsent('a', key)).rejects.toThrow('start without it')
  })

  it('want a secret that nobody guesses', () => {
    expect(() => over(new MemorySecretStore(), 'short')).toThrow('openssl rand')
  })
})
