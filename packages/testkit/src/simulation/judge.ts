import type { Conversation } from '@parley/client'
import type { EntryUpdate, Message } from '@parley/protocol'
import { EntryEvent } from '../../../server/src/log/entry-event.ts'
import { allIsWell } from './mishaps.ts'
import { noteCursor } from './note-cursors.ts'
import { pendingOf, type SimDevice } from './sim-device.ts'
import type { World } from './world.ts'

/** Longer than many back-offs of a minute. */
const patience = 900_000

/** Nothing fails any more; everything that is due has the time to arrive. @returns false when it does not */
export async function calmDown(world: World): Promise<boolean> {
  // What was begun to go wrong is over by then.
  await world.time.pass(25_000)
  allIsWell(world)
  for (const device of world.devices) await world.finish(device.start())
  const sent = await world.time.until(() => world.devices.every((device) => pendingOf(device) === 0), patience)
  // Everybody has caught up once more after the last message; the one that polls waits for three sockets to fail.
  const behind = new Set(world.devices)
  const caughtUp = await world.time.until(() => {
    for (const device of behind) if (device.isLive) behind.delete(device)
    return behind.size === 0
  }, patience)
  // Longer than any back-off, poll, or time until a session is read again.
  await world.time.pass(100_000)
  return sent && caughtUp
}

/** Writes down what is so in the end: logs, cursors, and what every device shows beside a fresh one. */
export async function lookAtTheEnd(world: World): Promise<void> {
  const { history, disk, devices } = world
  const known = [...devices]
  for (const device of known) {
    if (!device.isLive && device.socketsAllowed) throw new Error(`${device.name} is not live in the end`)
  }
  for (const user of world.users) {
    const { name } = known.find((device) => device.user === user)!
    const fresh = await world.add(name, 'logIn', true)
    if (!(await world.time.until(() => fresh.isLive, 60_000))) throw new Error(`a fresh ${name} is not live`)
  }
  await world.time.pass(5000)
  for (const [id, { entries }] of disk.now.stores.conversations) {
    const read = await disk.now.ports.log.read(id, { after: 0, before: entries.length + 1, limit: entries.length })
    const updates = read.map((entry): EntryUpdate => new EntryEvent(entry).update(entry.sender))
    history.add({ type: 'log', conversation: id, entries: updates })
  }
  for (const cursor of disk.now.cursors) noteCursor(world, cursor)
  await writeWatermarks(world)
  for (const device of devices) {
    if (known.includes(device)) history.add({ type: 'settled', user: device.user, device: device.device })
    await lookAt(world, device)
  }
  for (const user of world.users) await askServer(world, devices.findLast((device) => device.user === user)!)
}

/** How far the authors were told of each member. */
async function writeWatermarks({ history, disk }: World): Promise<void> {
  const { conversations } = disk.now.stores
  for (const [conversation, { record }] of conversations) {
    const watermarks = await disk.now.ports.receipts.latest(conversation)
    for (const user of record?.members.keys() ?? []) {
      for (const kind of ['delivered', 'read'] as const) {
        const upTo = watermarks.find((mark) => mark.user === user && mark.kind === kind)?.upTo ?? 0
        history.add({ type: 'watermark', by: 'server', conversation, user, kind, upTo })
      }
    }
  }
}

/** The messages first: what is shown of them may be read from the server for it. */
async function lookAt(world: World, { client, user, device }: SimDevice): Promise<void> {
  for (const { id, head: newest } of client!.conversations({ removed: true })) {
    if (newest === 0) continue
    const { items } = await world.finish(client!.conversation(id).messages({ limit: 10_000 }))
    const conversation = client!.conversation(id).state!
    const state = { ...shownOf(conversation), messages: items.map(messageOf) }
    world.history.add({ type: 'snapshot', user, device, group: `${user} ${id}`, state })
    const { read, head, unread } = conversation
    world.history.add({ type: 'unread', by: device, user, conversation: id, read, head, unread, final: true })
  }
  // A direct conversation without a message is only where it was made.
  const begun = client!.conversations({ removed: true }).filter(({ head }) => head > 0)
  const conversations = begun.map(({ id }) => id)
  world.history.add({ type: 'snapshot', user, device, group: user, state: conversations.sort() })
}

function shownOf(conversation: Conversation): object {
  const { kind, title, role, joinedSeq, head, read, unread, settings, pins, cleared } = conversation
  return { kind, title, role, joinedSeq, head, read, unread, settings, pins, cleared }
}

/** Times of receipts reach devices by another way than pages, and need not be the same. */
function messageOf({ deliveredAt: _, seenAt: __, ...message }: Message): object {
  return message
}

async function askServer(world: World, { client, user }: SimDevice): Promise<void> {
  const { items } = await world.finish(client!.api.inbox({ limit: 100 }))
  for (const { conversation, membership, unread } of items) {
    const { id, head } = conversation
    const { read } = membership
    world.history.add({ type: 'unread', by: 'server', user, conversation: id, read, head, unread, final: true })
  }
}
