import { type Client, type ConversationHandle, createClient, memoryStore } from '@parley/client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { missingEngines } from './cluster-space.ts'
import { TestCluster } from './test-cluster.ts'

const soon = { timeout: 20_000, interval: 10 }
/** A device is back so soon after its node died, ms. */
const bound = 5000

let cluster: TestCluster | undefined
const devices: Client[] = []
let sayings = 0

afterEach(async () => {
  for (const device of devices.splice(0)) await device.close()
  await cluster?.close()
  cluster = undefined
}, 60_000)

/** A device that prefers the first address, and what it was told. */
async function newDevice(username: string, server: string[]) {
  const client = await createClient({ server, store: memoryStore() })
  devices.push(client)
  const heard: string[] = []
  const resets: string[] = []
  const urls: string[] = []
  client.on('message', ({ conversation, seq }) => heard.push(`${conversation} ${seq}`))
  client.on('reset', ({ reason }) => resets.push(reason))
  client.on('state', (state) => {
    if (state.status === 'greeting') urls.push(new URL(state.url).port)
  })
  await client.register({ username, password: 'correct horse', device: { name: 'first' } })
  client.connect()
  await vi.waitUntil(() => client.state.status === 'live', soon)
  return { client, heard, resets, urls, user: client.session!.user.id }
}

/** Both say something again and again until they are told to end; everything said is answered then. */
function talk(chats: readonly ConversationHandle[]) {
  let going = true
  const said = chats.map(async (chat) => {
    const seqs: number[] = []
    while (going) seqs.push((await chat.send(`${++sayings}`)).seq)
    return seqs
  })
  return async (): Promise<number[]> => {
    going = false
    return (await Promise.all(said)).flat()
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe.skipIf(missingEngines !== '')(`clients of three nodes${missingEngines}`, () => {
  it('whose node is killed, or stops, are back in 5 s and have everything once (I1–I3, K3, Y2, Y4)', {
    timeout: 180_000,
  }, async () => {
    cluster = await TestCluster.start()
    const [one, two, three] = cluster.nodes.map(({ url }) => url) as [string, string, string]
    const anna = await newDevice('anna', [one, two, three])
    const ben = await newDevice('ben', [two, three, one])
    expect([anna, ben].map(({ urls }) => urls)).toEqual([[new URL(one).port], [new URL(two).port]])
    const group = await anna.client.createGroup({ title: 'Garden', members: [ben.user] })
    await vi.waitUntil(() => ben.client.conversation(group.id).state !== undefined, soon)
    const chats = [group, ben.client.conversation(group.id)]
    const both = [anna, ben]
    const before = () => Math.min(...both.map(({ heard }) => heard.length))

    const lost: number[] = []
    for (const [index, end] of [
      [0, () => cluster!.nodes[0]!.kill9()],
      [1, () => cluster!.nodes[1]!.sigterm()],
    ] as const) {
      const { client, urls } = both[index]!
      const stop = talk(chats)
      const count = before()
      await vi.waitUntil(() => before() > count + 20, soon)
      const entered = urls.length
      const from = performance.now()
      const ended = end()
      await vi.waitUntil(() => urls.length > entered && client.state.status === 'live', soon)
      lost.push(performance.now() - from)
      await ended
      expect(urls.at(-1)).not.toBe(urls[entered - 1])
      const again = before()
      await vi.waitUntil(() => before() > again + 20, soon)
      const seqs = await stop()
      const head = Math.max(...seqs)
      await vi.waitUntil(() => both.every((one) => one.client.conversation(group.id).state?.head === head), soon)
      await cluster.nodes[index]!.start()
    }
    process.stdout.write(`back after ${lost.map((ms) => ms.toFixed(0)).join(' ms (killed), ')} ms (stopped)\n`)
    for (const ms of lost) expect(ms).toBeLessThan(bound)

    const head = group.state!.head
    for (const { client, heard, resets } of both) {
      // The first entry made the group.
      const seqs = heard.map((line) => Number(line.split(' ')[1]))
      expect(
        seqs.toSorted((a, b) => a - b),
        'told once of each',
      ).toEqual(upTo(head).slice(1))
      const { items } = await client.conversation(group.id).messages({ limit: head + 10, local: true })
      expect(items.map(({ seq }) => seq)).toEqual(upTo(head).slice(1))
      const texts = new Set(items.map(({ content }) => ('text' in content ? content.text : undefined)))
      expect(texts, 'all that was said, once').toEqual(new Set(upTo(sayings).map(String)))
      expect(items).toHaveLength(sayings)
      expect(resets).toEqual(['fresh'])
    }
    const [a, b] = await Promise.all(
      both.map(({ client }) => client.conversation(group.id).messages({ limit: head + 10 })),
    )
    expect(a!.items.map(({ seq, id, content }) => ({ seq, id, content }))).toEqual(
      b!.items.map(({ seq, id, content }) => ({ seq, id, content })),
    )
    const others = (client: Client, user: string) =>
      client.conversation(group.id).state?.unread === a!.items.filter(({ sender }) => sender !== user).length
    expect(others(anna.client, anna.user) && others(ben.client, ben.user), 'unread counts each once (Y6)').toBe(true)
  })
})
