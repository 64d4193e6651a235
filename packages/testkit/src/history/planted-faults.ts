import type { HistoryRecord } from './record.ts'
import {
  altered,
  appliedBy,
  bob,
  both,
  earlier,
  eventOf,
  fault,
  is,
  message,
  moved,
  okOf,
  type PlantedFault,
  plus,
  readBy,
  receipts,
  relogged,
  snapshot,
  unlogged,
  unread,
  without,
} from './spoiled.ts'

/** At least one for every invariant that a history can show. */
export const plantedFaults: PlantedFault[] = [
  fault('I1', 'ack before fsync: the log ends before it', unlogged('team', 8)),
  fault(
    'I1',
    'seq reused after a restart: another message stands where one was acknowledged',
    relogged('team', 8, { id: '9', clientMessageId: 'a9' }),
  ),
  fault('I1', 'another kind of entry took the place', both(unlogged('team', 2), relogged('team', 3, { seq: 2 }))),
  fault(
    'I1',
    'a member with a stale member list gets nothing',
    both(without('applied', appliedBy('bob-phone', 8)), without('event', eventOf('bob-phone', 8))),
  ),
  fault(
    'I1',
    'a wake is lost and nothing heals: a device ends before the last message',
    both(without('applied', appliedBy('eve-phone', 8)), without('event', eventOf('eve-phone', 8))),
  ),
  fault(
    'I2',
    'dedupe lost on restart: a retry is stored again',
    both(relogged('team', 8, { clientMessageId: 'a2', content: { text: 'two' } })),
  ),
  fault('I2', 'a retry across a bucket border gets another answer', (records) => {
    const ok = records.find(is('ok', okOf('b1')))!
    return [...records, { ...ok, seq: ok.seq + 1 }]
  }),
  fault('I2', 'a device applies a repeat again', (records) => [
    ...records,
    records.find(is('applied', appliedBy('bob-phone', 3)))!,
  ]),
  fault(
    'I3',
    'two nodes append at the same head and tell their own',
    altered('event', eventOf('bob-phone', 3), ({ update }) => Object.assign(update, { id: '55' })),
  ),
  fault(
    'I3',
    'readers of the log see different entries',
    altered(
      'log',
      (log) => log.entries.some((entry) => entry.seq === 2),
      (log) => Object.assign(log.entries.find((entry) => entry.seq === 2)!, { id: `${Math.random()}`.slice(2) }),
    ),
  ),
  fault('I3', 'the log has a hole', unlogged('team', 5)),
  fault(
    'I3',
    'queue rows of one conversation out of order',
    moved(is('event', eventOf('bob-phone', 2)), is('event', eventOf('bob-phone', 3))),
  ),
  fault('I3', 'a later send overtakes an earlier one of its device', (records) => {
    const first = records.find(is('sent', (sent) => sent.clientMessageId === 'a2'))!
    return [first, ...records.filter((record) => record !== first)]
  }),
  fault(
    'I4',
    'content of another message',
    altered('event', eventOf('bob-phone', 2), ({ update }) => Object.assign(update, { content: { text: 'forged' } })),
  ),
  fault('I4', 'a message nobody sent is told', (records) => [
    ...records,
    { ...records.find(is('event', eventOf('bob-phone', 2)))!, update: message('77', 99, 'boo') },
  ]),
  fault('I4', 'the log has a message that nobody sent', relogged('team', 3, { content: { text: 'other' } })),
  fault(
    'I4',
    'sent by one device, told as of another',
    altered('event', eventOf('bob-phone', 2), ({ update }) => Object.assign(update, { device: 'ann-laptop' })),
  ),
  fault(
    'I4',
    'a message comes empty though nobody deleted it',
    altered('event', eventOf('bob-phone', 3), ({ update }) => Object.assign(update, { content: {} })),
  ),
  fault(
    'I5',
    'fan-out leaves out the other devices of the sender',
    both(without('applied', appliedBy('ann-laptop', 8)), without('event', eventOf('ann-laptop', 8))),
  ),
  fault('I6', 'fan-out to an ex-member', (records) => [
    ...records,
    {
      ...records.find(is('event', eventOf('eve-phone', 2)))!,
      update: records.find(is('event', eventOf('ann-phone', 5)))!.update,
    },
  ]),
  fault(
    'I6',
    'a message before the joining entry',
    altered('event', eventOf('eve-phone', 6), ({ update }) => Object.assign(update, { seq: 5 })),
  ),
  fault(
    'I6',
    'the history of a group that shows only what was said since joining',
    plus({ type: 'fetched', user: 'eve', device: 'eve-phone', conversation: 'team', seq: 5 }),
  ),
  fault(
    'I6',
    'receipts of a conversation one was never in',
    altered(
      'event',
      (event) => event.update.kind === 'receipts',
      (event) => Object.assign(event, { user: 'eve', update: { ...event.update, conversation: 'pair' } }),
    ),
  ),
  fault(
    'I7',
    'receipts move back',
    altered(
      'event',
      (event) =>
        event.device === 'ann-phone' && event.update.kind === 'receipts' && event.update.members[0]!.delivered === 7,
      (event) => Object.assign(event.update, receipts(1, 1)),
    ),
  ),
  fault(
    'I7',
    'a read mark moves back, as the server tells it',
    plus(
      { type: 'watermark', by: 'server', conversation: 'team', user: 'bob', kind: 'read', upTo: 5 },
      { type: 'watermark', by: 'server', conversation: 'team', user: 'bob', kind: 'read', upTo: 4 },
    ),
  ),
  fault('I7', 'an own read mark moves back', (records) => {
    const event = records.findLast(is('event', (one) => one.device === 'ann-phone'))!
    const read = (upTo: number, pos: string): HistoryRecord => ({
      ...event,
      pos,
      update: { kind: 'read', conversation: 'team', read: upTo, unread: 0, head: 8 },
    })
    return [...records, read(5, '100'), read(3, '101')]
  }),
  fault('I8', 'ids that do not grow with seq', relogged('team', 5, { id: '12' })),
  fault('I8', 'an id twice', relogged('pair', 1, { id: '7000000000000000001' })),
  fault(
    'I8',
    'a worker goes back after its clock did',
    plus({ type: 'id', worker: 0, id: '8192' }, { type: 'id', worker: 0, id: '4195' }),
  ),
  fault('I8', 'an id of a worker number that another node owns', plus({ type: 'id', worker: 3, id: '4195' })),
  fault(
    'I8',
    'a later message gets an id below an answered one of its worker',
    both(
      relogged('pair', 1, { id: earlier }),
      altered('ok', okOf('l1'), (ok) => Object.assign(ok, { id: earlier })),
    ),
  ),
  fault(
    'I9',
    'off-by-one cursor: acknowledged before it was applied',
    moved(
      is('applied', appliedBy('bob-phone', 2)),
      is('acked', (ack) => ack.device === 'bob-phone'),
    ),
  ),
  fault(
    'I9',
    'a row that became visible late: the cursor had passed it',
    both(without('event', eventOf('bob-phone', 6)), without('applied', appliedBy('bob-phone', 6))),
  ),
  fault('I9', 'a device resumes from what it has not applied', (records) => {
    const event = records.find(is('event', eventOf('bob-phone', 8)))!
    const rest = without('applied', appliedBy('bob-phone', 8))(records.filter((record) => record.type !== 'acked'))
    return [...rest, { type: 'hello', ...bob, session: 99, cursor: event.pos }]
  }),
  fault('I9', 'the ack of another device moves the cursor', (records) => [
    ...records,
    { type: 'cursor', user: 'ann', device: 'ann-laptop', pos: '999' },
  ]),
  fault(
    'I10',
    'media that cannot be read',
    altered(
      'media',
      () => true,
      (media) => {
        media.readable = false
      },
    ),
  ),
  fault(
    'I11',
    'a queue of a slow session grows',
    plus({ type: 'memory', node: 'n1', queue: 'session out', size: 300, bound: 256 }),
  ),
  fault(
    'I11',
    'more events than the window',
    altered(
      'welcome',
      (welcome) => welcome.device === 'bob-phone',
      (welcome) => {
        welcome.window = 2
      },
    ),
  ),
  fault('I12', 'own messages are counted as unread', plus(unread('server', 1, 8, 5))),
  fault('I12', 'unread counts entries that are no messages', plus(unread('bob-phone', 3, 8, 3))),
  fault(
    'I12',
    'a device did not hear of what another one read',
    plus(readBy(7), unread('server', 7, 8, 1, true), unread('bob-phone', 3, 8, 2, true)),
  ),
  fault(
    'I12',
    'a device ends behind the head',
    plus(unread('server', 3, 8, 2, true), unread('bob-phone', 3, 7, 1, true)),
  ),
  fault('I12', 'the server forgot what was read', plus(readBy(7), unread('server', 3, 8, 2, true))),
  fault(
    'I13',
    'a device keeps old entries after a reset',
    plus(snapshot('ann-phone', { team: [1, 2, 3] }), snapshot('ann-laptop', { team: [2, 3] })),
  ),
  fault(
    'Y7',
    'a crash takes a receipt with it, and nobody misses it',
    plus(readBy(7), unread('server', 7, 8, 1, true), {
      type: 'watermark',
      by: 'server',
      conversation: 'team',
      user: 'bob',
      kind: 'read',
      upTo: 3,
    }),
  ),
  fault(
    'I15',
    'crash in the fan-out, and the sender never returns: one member has no place',
    without('queued', (queued) => queued.user === 'bob' && queued.from === 5),
  ),
  fault('I15', 'a queue row is lost, and the device fills the hole', without('event', eventOf('bob-phone', 3))),
  fault(
    'I15',
    'a message whose answer was lost never reaches anybody',
    both(
      without('ok', okOf('a3')),
      without('applied', appliedBy('bob-phone', 8)),
      without('event', eventOf('bob-phone', 8)),
    ),
  ),
]
