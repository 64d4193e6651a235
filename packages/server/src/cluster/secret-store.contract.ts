import { expect } from 'vitest'
import { type Rules, retry, unique } from '../lib/stores.contract.ts'
import type { SecretStore } from './secret-store.ts'

export interface SecretNode {
  secrets: SecretStore
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')

export const secretStoreRules: Rules<SecretNode> = {
  'what was stored first stays': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [name, another] = [unique('key'), unique('key')]
    const value = Uint8Array.from({ length: 256 }, (_, index) => index)
    expect(hex(await retry(() => node.secrets.putIfAbsent(name, value)))).toBe(hex(value))
    for (const one of [node, other])
      expect(hex(await retry(() => one.secrets.putIfAbsent(name, bytes('too late'))))).toBe(hex(value))
    expect(hex(await retry(() => other.secrets.putIfAbsent(another, bytes('its own'))))).toBe(hex(bytes('its own')))
  },

  'of many who store at once all get the same': async (stores) => {
    const nodes = await Promise.all([1, 2, 3].map((seed) => stores.node(seed)))
    const name = unique('key')
    const got = await Promise.all(
      nodes.flatMap(({ secrets }, index) =>
        ['a', 'b'].map((end) => retry(() => secrets.putIfAbsent(name, bytes(`${index}${end}`)))),
      ),
    )
    expect(new Set(got.map(hex)).size).toBe(1)
  },
}
