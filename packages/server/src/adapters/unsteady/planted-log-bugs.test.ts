import { systemClock } from '../../lib/clock.ts'
import { seededRandom } from '../../lib/seeded-random.ts'
import { conversationLogRules } from '../../log/conversation-log.contract.ts'
import type { MemoryConversationLog } from '../memory/conversation-log.ts'
import { pairKey } from '../memory/stores.ts'
import { UnsteadyConversationLog } from './conversation-log.ts'
import { Faults, steady } from './faults.ts'

import { altered, describePlanted, later } from './planting.contract.ts'

describePlanted('conversation log', conversationLogRules, {
  'sends are not remembered': ({ log }, stores) => ({
    log: altered(log, {
      append: async (batch) => {
        stores.conversations.get(batch.conversation)?.sends.clear()
        return log.append(batch)
      },
    }),
  }),
  'the condition on the head is forgotten': ({ log }, stores) => ({
    log: altered(log, {
      append: async (batch) => {
        const seq = stores.conversations.get(batch.conversation)?.head.seq ?? 0
        return log.append({ ...batch, expect: seq })
      },
    }),
  }),
  'a moved head is told before a duplicate': ({ log }) => ({
    log: altered(log, {
      append: async (batch) => {
        const head = await log.head(batch.conversation)
        if (head && head.seq !== batch.expect) return { status: 'moved', head }
        return log.append(batch)
      },
    }),
  }),
  'duplicates are left out and the others stored': ({ log }) => ({
    log: altered(log, {
      append: async (batch) => {
        const outcome = await log.append(batch)
        if (outcome.status !== 'duplicate') return outcome
        const entries = batch.entries.filter((_, index) => !outcome.sends.has(index))
        if (entries.length > 0) await log.append({ ...batch, entries })
        return outcome
      },
    }),
  }),
  'a clientMessageId is taken for the whole conversation': ({ log }, stores) => ({
    log: altered(log, {
      append: async (batch) => {
        const sends = stores.conversations.get(batch.conversation)?.sends
        for (const [key, send] of [...(sends ?? [])]) {
          for (const { sender } of batch.entries) sends!.set(pairKey(sender, key.split(' ')[1]!), send)
        }
        return log.append(batch)
      },
    }),
  }),
  'the last one of the members gets no place': ({ log }) => ({
    log: altered(log, {
      append: (batch) => {
        const audiences = batch.audiences.map(({ users, ...range }) => ({ ...range, users: users.slice(0, -1) }))
        return log.append({ ...batch, audiences })
      },
    }),
  }),
  'places are made after the append was answered': ({ log }) => ({
    log: altered(log, {
      append: async (batch) => {
        const outcome = await log.append({ ...batch, audiences: [] })
        if (outcome.status !== 'appended') return outcome
        const inner = log as MemoryConversationLog
        const { conversation } = batch
        later(() => {
          for (const { users, from, to } of batch.audiences) {
            for (const user of users) inner.place(user, { kind: 'entries', conversation, from, to })
          }
        })
        return outcome
      },
    }),
  }),
  'places of one batch are out of order': ({ log }) => ({
    log: altered(log, { append: (batch) => log.append({ ...batch, audiences: batch.audiences.toReversed() }) }),
  }),
  'fan-out to everybody who was ever there': ({ log }) => ({
    log: altered(log, {
      append: (batch) => {
        const users = [...new Set(batch.audiences.flatMap((audience) => audience.users))]
        const { from } = batch.audiences[0] ?? { from: 1 }
        return log.append({ ...batch, audiences: [{ users, from, to: batch.head.seq }] })
      },
    }),
  }),
  'what was left half done is never completed': ({ log }) => {
    const rates = { ...steady, turns: 2, died: 0.3 }
    const halves = altered(log as MemoryConversationLog, { unfinished: () => [] })
    return { log: new UnsteadyConversationLog(halves, new Faults(seededRandom(1), systemClock, rates)) }
  },
  'the next append does not complete what was left': ({ log }, stores) => {
    const rates = { ...steady, turns: 2, died: 0.2, lost: 0.1 }
    const inner = log as MemoryConversationLog
    const onlyNewest = altered(inner, { unfinished: (conversation) => inner.unfinished(conversation).slice(-1) })
    const outer = new UnsteadyConversationLog(onlyNewest, new Faults(seededRandom(2), systemClock, rates))
    return {
      log: altered(outer, {
        append: (batch) => {
          // As if the batches before were done.
          const stored = stores.conversations.get(batch.conversation)
          if (stored) stored.unfinished = []
          return outer.append(batch)
        },
      }),
    }
  },
  'what is left by who never returns is not looked for': ({ log }) => {
    const rates = { ...steady, turns: 2, died: 0.3 }
    const inner = log as MemoryConversationLog
    const halves = altered(inner, { left: () => inner.left().slice(1) })
    return { log: new UnsteadyConversationLog(halves, new Faults(seededRandom(3), systemClock, rates)) }
  },
  'each node answers the head it saw last': ({ log }) => {
    const seen = new Map<string, Awaited<ReturnType<typeof log.head>>>()
    return {
      log: altered(log, {
        head: async (conversation) => {
          if (!seen.get(conversation)) seen.set(conversation, await log.head(conversation))
          return seen.get(conversation)
        },
      }),
    }
  },
  'deleted content can be read': ({ log }, stores) => ({
    log: altered(log, {
      read: async (conversation, range) => {
        stores.conversations.get(conversation)?.deleted.clear()
        return log.read(conversation, range)
      },
    }),
  }),
  'bounds of a read are inclusive': ({ log }) => ({
    log: altered(log, { read: (id, range) => log.read(id, { ...range, before: range.before + 1 }) }),
  }),
  'the newest are the lowest': ({ log }) => ({
    log: altered(log, { read: (id, range) => log.read(id, { ...range, newest: false }) }),
  }),
  'own messages are counted from the bound on': ({ log }) => ({
    log: altered(log, {
      countOwn: (id, sender, after, upTo) => log.countOwn(id, sender, Math.max(after - 1, 0), upTo),
    }),
  }),
  'the oldest amendments instead of the newest': ({ log }) => ({
    log: altered(log, {
      amendments: async (id, from, to) => {
        const entries = await log.read(id, { after: 0, before: 1e9, limit: 1e9 })
        const first = new Map<string, (typeof entries)[number]>()
        for (const entry of entries) {
          const target = (JSON.parse(entry.body) as { target?: number }).target
          const key = `${entry.kind} ${target} ${entry.kind === 'reaction' && entry.sender}`
          if (target && target >= from && target <= to && !first.has(key)) first.set(key, entry)
        }
        return [...first.values()]
      },
    }),
  }),
  'sends are forgotten while they are young': ({ log }) => ({
    log: altered(log, { trimSends: (_, limit) => log.trimSends(Number.MAX_SAFE_INTEGER, limit) }),
  }),
})
