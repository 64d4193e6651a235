import type { Device, InboxItem, Message } from '@parley/protocol'
import { type Account, logIn, RawApi, register } from '../raw-api.ts'
import { RawClient } from '../raw-client.ts'

/** People who have left something of everything that a server keeps. */
export interface FurnishedWorld {
  people: Account[]
  /** Conversations that all of them are in. */
  conversations: string[]
  /** A cursor of each, from somewhere in the middle. */
  cursors: Map<string, string>
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

export async function furnish(url: string): Promise<FurnishedWorld> {
  const people: Account[] = []
  for (const _ of range(5)) people.push(await register(url))
  const [ann, bob, eve, dan, kim] = people as [Account, Account, Account, Account, Account]
  people.push(await logIn(url, ann, 'tablet'))
  const api = (account: Account): RawApi => new RawApi(url, account.token)
  const group = await api(ann).group('Everybody', [bob.user, eve.user, dan.user])
  const pair = await api(ann).direct(bob.user)
  await api(kim).direct(ann.user)
  const say = (who: Account, conversation: string, text: string, more: object = {}): Promise<{ seq: number }> =>
    api(who).call('POST', `/v1/conversations/${conversation}/messages`, {
      clientMessageId: `m-${conversation}-${text}`.replace(/[^\w-]/g, '').slice(0, 64),
      content: { text },
      ...more,
    })
  const cursors = new Map<string, string>()
  for (const n of range(40)) {
    await say([ann, bob, eve][n % 3]!, group.id, `apples and pears ${n}`)
    if (n % 4 === 0) await say(n % 8 === 0 ? ann : bob, pair.id, `only for you ${n}`)
    if (n === 20) for (const one of people) cursors.set(one.device, await cursorOf(url, one))
  }
  const base = `/v1/conversations/${group.id}`
  await say(bob, group.id, 'an answer', { replyTo: 5, mentions: [ann.user] })
  await api(ann).call('PATCH', `${base}/messages/2`, { content: { text: 'bananas instead' } })
  await api(bob).call('DELETE', `${base}/messages/3?for=everyone`)
  await api(eve).call('DELETE', `${base}/messages/5?for=me`)
  await api(eve).call('PUT', `${base}/messages/6/reaction`, { emoji: '🙂' })
  await api(dan).call('PUT', `${base}/messages/6/reaction`, { emoji: '👍' })
  await api(ann).call('PATCH', base, { title: 'Nearly everybody', description: 'of us' })
  await api(ann).call('PUT', `${base}/members/${kim.user}`, { role: 'admin' })
  await api(ann).call('DELETE', `${base}/members/${dan.user}`)
  await say(kim, group.id, 'glad to be here')
  await api(bob).call('PATCH', `${base}/membership`, { pinned: true, notify: 'mentions' })
  await api(bob).call('POST', `${base}/read`, { seq: 30 })
  await api(eve).call('POST', `${base}/read`, { seq: 12 })
  await api(eve).call('PUT', `/v1/me/blocks/${dan.user}`)
  await api(dan).call('PATCH', '/v1/me', { displayName: 'Daniel' })
  await api(dan).call('PATCH', '/v1/me/settings', { lastSeen: 'nobody' })
  const gone = await register(url)
  await api(gone).direct(ann.user)
  await api(gone).call('DELETE', '/v1/me', { password: gone.password })
  // Everybody has everything, and has said so.
  for (const one of people) await acknowledge(url, one, cursors.get(one.device)!)
  return { people, conversations: [group.id, pair.id], cursors }
}

/** Where a device would go on that had everything until now. */
async function cursorOf(url: string, account: Account): Promise<string> {
  const { client, welcome } = await RawClient.connect({ url, account })
  await client.close()
  return welcome.cursor
}

async function acknowledge(url: string, account: Account, cursor: string): Promise<void> {
  const { client } = await RawClient.connect({ url, account, cursor, window: 1000 })
  const live = await client.waitFor((frame) => frame.t === 'live')
  if (live.t === 'live') client.ack(live.pos)
  await client.close()
}

/** Everything that a device is told over HTTP; times at which it was seen itself are left out. */
export async function shown(url: string, { people }: FurnishedWorld): Promise<unknown> {
  const all: Record<string, unknown> = {}
  for (const account of people) {
    const api = new RawApi(url, account.token)
    const inbox = await api.inbox()
    const devices = await api.call<{ items: Device[] }>('GET', '/v1/me/devices')
    all[account.device] = {
      me: await api.call('GET', '/v1/me'),
      settings: await api.call('GET', '/v1/me/settings'),
      devices: devices.items.map(({ lastSeenAt: _, ...device }) => device),
      blocks: await api.call('GET', '/v1/me/blocks'),
      people: await Promise.all(people.map(({ user }) => api.call('GET', `/v1/users/${user}`))),
      inbox,
      conversations: await Promise.all(inbox.map((item) => conversation(api, item))),
      found: await Promise.all(
        ['apples', 'bananas', 'pea', 'only for', 'nothing'].map((query) =>
          api.call('GET', `/v1/search?query=${encodeURIComponent(query)}`),
        ),
      ),
    }
  }
  return all
}

/** As `shown`, once receipts (gathered for up to a second) are told. */
export async function shownAtRest(url: string, world: FurnishedWorld): Promise<unknown> {
  for (let before = JSON.stringify(await shown(url, world)); ; ) {
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const now = await shown(url, world)
    if (JSON.stringify(now) === before) return now
    before = JSON.stringify(now)
  }
}

async function conversation(api: RawApi, { conversation: { id } }: InboxItem): Promise<unknown> {
  const base = `/v1/conversations/${id}`
  const messages = await api.call<{ items: Message[] }>('GET', `${base}/messages?limit=200`)
  const own = messages.items.filter(({ clientMessageId }) => clientMessageId !== undefined)
  return {
    members: await api.call('GET', `${base}/members`),
    messages,
    entries: await api.entries(id, 0),
    receipts: await Promise.all(own.slice(-5).map(({ seq }) => api.call('GET', `${base}/messages/${seq}/receipts`))),
  }
}
