import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Account, RawApi, register } from '../raw-api.ts'
import type { Behaviour } from './behaviour.ts'
import { PushWorld } from './push-world.ts'

/** Where the notifier dies, at the n-th time that it passes there; as `crashPoints` names them. */
const points = ['push.claimed', 'push.sent', 'push.settled'] as const
const people = 9
const rounds = 3

let world: PushWorld
beforeAll(async () => {
  world = await PushWorld.start()
}, 30_000)
afterAll(() => world.stop())

const faults: Behaviour[] = [
  { kind: 'answer', status: 503, reason: 'UNAVAILABLE' },
  { kind: 'taken-then-reset' },
  { kind: 'reset' },
  { kind: 'slow', ms: 200 },
]

/** Said once, however often the server dies meanwhile. */
async function sayWhateverHappens(sender: Account, conversation: string): Promise<void> {
  const clientMessageId = randomBytes(9).toString('base64url')
  for (;;) {
    if (!world.node.running) await world.node.start()
    try {
      await world.say(sender, conversation, { text: clientMessageId }, { clientMessageId })
      return
    } catch {
      // Again, under the same name.
    }
  }
}

describe('a notifier that dies', () => {
  it.each(points)(
    'I14, N8: at %s, with services that fail: each device shows each conversation once, none after it was read',
    {
      timeout: 240_000,
    },
    async (point) => {
      const { node } = world
      const [sender, ...others] = (await Promise.all(Array.from({ length: people + 1 }, () => register(node.url)))) as [
        Account,
        ...Account[],
      ]
      const api = (account: Account) => new RawApi(node.url, account.token)
      const devices = await Promise.all(
        others.map(async (account, index) => ({
          account,
          token: await world.register(account, (['apns', 'fcm', 'webpush'] as const)[index % 3] ?? 'apns'),
          conversation: (await api(sender).direct(account.user)).id,
        })),
      )
      // The same number of faults for everybody, none for good.
      for (const service of [world.apns, world.fcm, world.webPush]) {
        service.behave = (_, request) =>
          request % 5 === 1 ? (faults[request % faults.length] as Behaviour) : { kind: 'take' }
      }
      for (let round = 0; round < rounds; round++) {
        await node.kill9()
        await node.start({ PARLEY_CRASH_AT: `${point}:${round + 1}` })
        for (const { conversation } of devices) await sayWhateverHappens(sender, conversation)
      }
      if (!node.running) await node.start()
      for (const service of [world.apns, world.fcm, world.webPush]) service.behave = () => ({ kind: 'take' })
      for (const { token, conversation } of devices) {
        const shown = () => world.shown(token).map((push) => ({ conversation: push.conversation, count: push.count }))
        await expect.poll(shown, { timeout: 60_000, interval: 200 }).toEqual([{ conversation, count: rounds }])
        expect(new Set(world.received(token).map(({ collapseKey }) => collapseKey)).size).toBe(1)
      }
      for (const { account, conversation } of devices) {
        await api(account).call('POST', `/v1/conversations/${conversation}/read`, { seq: 1000 })
      }
      for (const { token } of devices) await expect.poll(() => world.shown(token), { timeout: 30_000 }).toEqual([])
      expect(world.faults).toEqual([])
    },
  )
})
