import { amend } from './amend.ts'
import { changeMembers } from './change-members.ts'
import { keep } from './keep.ts'
import { somethingGoesWrong } from './mishaps.ts'
import { noteCursors } from './note-cursors.ts'
import type { SimDevice } from './sim-device.ts'
import type { World } from './world.ts'

/** What people do, and how often for each other. */
const doings = {
  send: 40,
  burst: 4,
  reply: 4,
  read: 12,
  edit: 5,
  remove: 3,
  react: 8,
  page: 4,
  members: 7,
  title: 1,
  settings: 2,
  inbox: 3,
  newcomer: 1,
} as const
export type Doing = keyof typeof doings

const steps = 70
const mostDevices = 9

/** A while in which people talk, and things go wrong. */
export async function live(world: World, keeping: boolean): Promise<void> {
  const { chance, time } = world
  /** Some runs are quiet, some are not. */
  const trouble = chance.pick([0, 0.05, 0.15, 0.3])!
  for (let step = 0; step < steps; step++) {
    await act(world, chance.pick(world.devices)!, chance.weighted(doings))
    if (keeping && chance.is(0.3)) keepSomething(world, chance.pick(world.devices)!)
    if (chance.is(trouble)) somethingGoesWrong(world)
    if (step % 8 === 0) noteCursors(world)
    await time.pass(chance.is(0.2) ? chance.between(500, 3000) : chance.between(0, 150))
  }
}

const ignore = (): void => {}

async function act(world: World, device: SimDevice, doing: Doing): Promise<void> {
  const { chance } = world
  const { client } = device
  if (!client) return
  const room = client.conversation(chance.pick(world.rooms)!)
  const words = (): string => `${device.name} says ${chance.below(1e9)}`
  switch (doing) {
    case 'send':
      room.send(words()).catch(ignore)
      break
    case 'burst':
      for (let n = chance.below(12); n >= 0; n--) room.send(words()).catch(ignore)
      break
    case 'reply':
    case 'edit':
    case 'remove':
    case 'react':
      amend(device, room, { doing, share: chance.random.float(), text: words() }).catch(ignore)
      break
    case 'read':
      room.read(chance.is(0.5) ? undefined : Math.max(1, (room.state?.head ?? 1) - chance.below(5))).catch(ignore)
      break
    case 'page':
      room.messages({ limit: 20 }).catch(ignore)
      break
    case 'members':
      changeMembers(world, device).catch(ignore)
      break
    case 'title':
      room.update({ title: words() }).catch(ignore)
      break
    case 'settings':
      room.setSettings({ pinned: chance.is(0.5) }).catch(ignore)
      break
    case 'inbox':
      askInbox(world, device).catch(ignore)
      break
    case 'newcomer':
      if (world.devices.length < mostDevices) await world.add(device.name, 'logIn', true).catch(ignore)
      break
    default:
      doing satisfies never
  }
}

function keepSomething({ chance, rooms }: World, { client }: SimDevice): void {
  const [room, what, which] = [chance.pick(rooms)!, chance.random.float(), chance.random.float()]
  if (client) keep(client.conversation(room), what, which).catch(ignore)
}

/** What the server says of unread messages, at any time (rule Y6). */
async function askInbox({ history }: World, { client, user }: SimDevice): Promise<void> {
  const { items } = await client!.api.inbox({ limit: 100 })
  for (const { conversation, membership, unread } of items) {
    const { id, head } = conversation
    history.add({ type: 'unread', by: 'server', user, conversation: id, read: membership.read, head, unread })
  }
}
