import type { Update } from '@parley/protocol'
import type { HistoryRecord, Invariant, RecordOf, RecordType } from './record.ts'
import { Story } from './story.ts'

/** A fault of a server or client, as it shows in a history. */
export interface PlantedFault {
  name: string
  invariant: Invariant
  history(): { good: HistoryRecord[]; bad: HistoryRecord[] }
}

/**
 * Ann (phone, laptop), Bob and Eve. Eve leaves the group with seq 4 and is back with 6; Bob loses an answer and sends
 * again; Ann's laptop is reset; a message with media is deleted.
 */
function told(): Story {
  const story = new Story()
  for (const device of ['ann-phone', 'ann-laptop', 'bob-phone', 'eve-phone'])
    story.device(device.split('-')[0]!, device)
  story.group('team', 'ann', 'bob', 'eve')
  story.direct('pair', 'ann', 'bob')
  story.send('ann-phone', 'team', 'a1', { text: 'one' })
  story.send('ann-phone', 'team', 'a2', { text: 'two' })
  for (const device of story.devices.keys()) story.pump(device)
  story.membership('team', 'ann', 'eve', null)
  story.send('bob-phone', 'team', 'b1', { text: 'she left' }, true)
  story.connect('bob-phone')
  story.send('bob-phone', 'team', 'b1', { text: 'she left' })
  story.pump('ann-laptop', 1)
  story.membership('team', 'ann', 'eve', 'member')
  story.send('eve-phone', 'team', 'e1', { text: 'back', media: { id: 'photo' } })
  story.pump('ann-phone')
  story.reset('ann-laptop')
  story.send('ann-laptop', 'pair', 'l1', { text: 'psst' })
  story.send('ann-phone', 'team', 'a3', { text: 'three' })
  story.update('ann', receipts(2, 1))
  story.pump('ann-phone')
  story.update('ann', receipts(7, 2))
  story.history.add({ type: 'media', user: 'bob', device: 'bob-phone', media: 'photo', readable: true })
  story.end()
  return story
}

export const receipts = (delivered: number, read: number): Update => ({
  kind: 'receipts',
  conversation: 'team',
  members: [{ user: 'bob', delivered, read }],
})

type Change = (records: HistoryRecord[]) => HistoryRecord[]

export const fault = (invariant: Invariant, name: string, change: Change): PlantedFault => ({
  name,
  invariant,
  history: () => {
    const story = told()
    const good = story.history.records
    // Each record on its own: what is altered in one must not change in others.
    return { good, bad: change(good.map((record) => structuredClone(record))) }
  },
})

type Match<Type extends RecordType> = (record: RecordOf<Type>) => boolean

export const is =
  <Type extends RecordType>(type: Type, match: Match<Type> = () => true) =>
  (record: HistoryRecord): record is RecordOf<Type> =>
    record.type === type && match(record as RecordOf<Type>)

/** Removes the records of `type` that match. */
export const without =
  <Type extends RecordType>(type: Type, match: Match<Type>): Change =>
  (records) => {
    const left = records.filter((record) => !is(type, match)(record))
    if (left.length === records.length) throw new Error('nothing to remove')
    return left
  }

/** Changes the records of `type` that match. */
export const altered =
  <Type extends RecordType>(type: Type, match: Match<Type>, change: (record: RecordOf<Type>) => void): Change =>
  (records) => {
    const found = records.filter(is(type, match))
    if (found.length === 0) throw new Error('nothing to alter')
    found.forEach(change)
    return records
  }

export const plus =
  (...more: HistoryRecord[]): Change =>
  (records) => [...records, ...more]

export const both =
  (...changes: Change[]): Change =>
  (records) =>
    changes.reduce((changed, change) => change(changed), records)

/** Removes an entry from every log that was read. */
export const unlogged = (conversation: string, seq: number): Change =>
  altered(
    'log',
    (log) => log.conversation === conversation,
    (log) => {
      log.entries = log.entries.filter((entry) => entry.seq !== seq)
    },
  )

export const relogged = (conversation: string, seq: number, change: object): Change =>
  altered(
    'log',
    (log) => log.conversation === conversation,
    (log) => {
      log.entries = log.entries.map((entry) => (entry.seq === seq ? { ...entry, ...change } : entry))
    },
  )

export const eventOf =
  (device: string, seq: number, conversation = 'team') =>
  (event: RecordOf<'event'>) =>
    event.device === device &&
    'seq' in event.update &&
    event.update.seq === seq &&
    event.update.conversation === conversation

export const appliedBy = (device: string, seq: number) => (record: RecordOf<'applied'>) =>
  record.device === device && record.seq === seq && record.conversation === 'team'

export const okOf = (clientMessageId: string) => (ok: RecordOf<'ok'>) => ok.clientMessageId === clientMessageId

/** Moves the first matching record behind the last one that matches `behind`. */
export const moved =
  (match: (record: HistoryRecord) => boolean, behind: (record: HistoryRecord) => boolean): Change =>
  (records) => {
    const from = records.findIndex(match)
    const to = records.findLastIndex(behind)
    if (from < 0 || to < from) throw new Error('nothing to move')
    const [record] = records.splice(from, 1)
    records.splice(to, 0, record!)
    return records
  }

export const message = (id: string, seq: number, text: string, sender = 'ann', device = 'ann-phone'): Update => ({
  kind: 'message',
  conversation: 'team',
  seq,
  id,
  sender,
  device,
  sentAt: 1,
  content: { text },
})

/** Of the same worker as the ids of the story, a millisecond before them. */
export const earlier = String(7_000_000_000_000_000_000n - (1n << 22n))

export const unread = (by: string, read: number, head: number, count: number, final?: true): HistoryRecord => ({
  type: 'unread',
  by,
  user: 'bob',
  conversation: 'team',
  read,
  head,
  unread: count,
  final,
})
export const bob = { user: 'bob', device: 'bob-phone' }
export const readBy = (seq: number): HistoryRecord => ({ type: 'read', ...bob, conversation: 'team', seq })
export const snapshot = (device: string, state: object): HistoryRecord => ({
  type: 'snapshot',
  user: 'ann',
  device,
  group: 'end',
  state,
})
