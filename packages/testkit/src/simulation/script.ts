import type { Message } from '@parley/protocol'
import type { SimDevice } from './sim-device.ts'
import type { World } from './world.ts'

const doings = { send: 40, burst: 4, read: 12, edit: 5, remove: 3, react: 8, page: 4 } as const

/** A while in which people talk. */
export async function live(world: World): Promise<void> {
  const { chance, time } = world
  for (let step = 0; step < 60; step++) {
    const device = chance.pick(world.devices)!
    act(world, device, chance.weighted(doings))
    await time.pass(chance.is(0.2) ? chance.between(500, 3000) : chance.between(0, 150))
  }
}

const ignore = (): void => {}

function act(world: World, device: SimDevice, doing: keyof typeof doings): void {
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
      for (let n = 0; n < 6; n++) room.send(words()).catch(ignore)
      break
    case 'read':
      room.read().catch(ignore)
      break
    case 'page':
      room.messages({ limit: 20 }).catch(ignore)
      break
    case 'edit':
    case 'remove':
    case 'react': {
      const share = chance.random.float()
      const text = words()
      room
        .messages({ local: true, limit: 20 })
        .then(({ items }) => amend(items, device, share, doing, text))
        .catch(ignore)
      break
    }
    default:
      doing satisfies never
  }
}

async function amend(
  items: Message[],
  { client, user }: SimDevice,
  share: number,
  doing: 'edit' | 'remove' | 'react',
  text: string,
): Promise<void> {
  const targets = items.filter(
    ({ sender, deletedAt }) => deletedAt === undefined && (doing === 'react' || sender === user),
  )
  const target = targets[Math.floor(share * targets.length)]
  if (!target || !client) return
  const room = client.conversation(target.conversation)
  if (doing === 'edit') await room.edit(target.seq, text)
  if (doing === 'remove') await room.delete(target.seq, share < 0.5 ? 'everyone' : 'me')
  if (doing === 'react') await room.react(target.seq, share < 0.3 ? null : '👍')
}
