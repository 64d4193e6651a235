import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConversationNode } from '../../conversations/fixtures.contract.ts'
import { systemClock } from '../../lib/clock.ts'
import { movedTime, type Rules } from '../../lib/stores.contract.ts'
import type { SearchNode } from '../../messages/message-search.contract.ts'
import type { ReceiptNode } from '../../messages/receipt-store.contract.ts'
import { MemoryConversationLog } from '../memory/conversation-log.ts'
import { MemoryConversationStore } from '../memory/conversation-store.ts'
import { MemoryMessageSearch } from '../memory/message-search.ts'
import { MemoryReceiptStore } from '../memory/receipt-store.ts'
import { MemoryStores } from '../memory/stores.ts'
import { MemorySyncQueue } from '../memory/sync-queue.ts'

// Which bug it is, is known: no smaller example is looked for.
fc.configureGlobal({ endOnFailure: true })

export type Node = ConversationNode & ReceiptNode & SearchNode

/** `port` with some methods replaced. */
export function altered<Port extends object>(port: Port, methods: Partial<Port>): Port {
  return new Proxy(port, {
    get(target, name) {
      if (name in methods) return Reflect.get(methods, name)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

const turn = (): Promise<void> => new Promise((resolve) => systemClock.soon(resolve))
export const later = (run: () => unknown): void => void turn().then(turn).then(run)

function openWith(alter: (node: Node, stores: MemoryStores) => Partial<Node>) {
  const stores = new MemoryStores()
  const { clock, ...time } = movedTime()
  const node = async (): Promise<Node> => {
    const good: Node = {
      log: new MemoryConversationLog(stores, clock),
      queue: new MemorySyncQueue(stores, clock),
      conversations: new MemoryConversationStore(stores, clock),
      receipts: new MemoryReceiptStore(stores, clock),
      search: new MemoryMessageSearch(stores),
    }
    return { ...good, ...alter(good, stores) }
  }
  return { ...time, node, close: async () => {} }
}

/** Also without the stricter rules for exact engines. */
const options = { runs: 60, exact: false }

/** `bugs`: adapters with one bug each, which the rules of the port have to notice. */
export function describePlanted(
  port: string,
  rules: Rules<Node>,
  bugs: Record<string, (node: Node, stores: MemoryStores) => Partial<Node>>,
): void {
  describe(port, () => {
    for (const [name, alter] of Object.entries(bugs)) {
      it(`is caught: ${name}`, { timeout: 20_000 }, async () => {
        let noticed: string | undefined
        for (const [rule, check] of Object.entries(rules)) {
          const outcome = Promise.race([check(openWith(alter), options), endless()])
          await outcome.catch(() => {
            noticed = rule
          })
          if (noticed) return
        }
        expect.unreachable('no rule noticed')
      })
    }

    it('no rule blames adapters without a bug', { timeout: 60_000 }, async () => {
      for (const check of Object.values(rules))
        await check(
          openWith(() => ({})),
          options,
        )
    })
  })
}

/** A bug may also make a rule wait for ever. */
function endless(): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new Error('no end')), 3000).unref())
}
