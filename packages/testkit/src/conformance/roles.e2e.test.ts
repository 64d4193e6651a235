import { type RunningNode, startNode } from '@parley/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { RawApi, register } from '../raw-api.ts'
import { RawClient } from '../raw-client.ts'
import { memoryNodes } from './memory-nodes.ts'

/** One node for each role: HTTP, sockets, and what runs behind. */
const nodes: RunningNode[] = []
const clients: RawClient[] = []
beforeAll(async () => {
  const open = memoryNodes()
  for (const role of ['api', 'chat', 'janitor']) {
    nodes.push(await startNode({ port: 0, roles: [role], rateLimits: 'off', logLevel: 'silent' }, { open }))
  }
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await Promise.all(nodes.map((node) => node.close()))
})

const urlOf = (index: number): string => (nodes[index] as RunningNode).url

describe('nodes that do a part each', () => {
  it('whoever asks the API is sent to the chat server, and is delivered to there', async () => {
    const [alice, bob] = [await register(urlOf(0)), await register(urlOf(0))]
    const [a, b] = [new RawApi(urlOf(0), alice.token), new RawApi(urlOf(0), bob.token)]
    await expect.poll(async () => (await b.call<{ url: string }>('POST', '/v1/connect', {})).url).toBe(urlOf(1))
    const { client } = await RawClient.connect({ url: urlOf(1), account: bob })
    clients.push(client)
    const chats = [await a.direct(bob.user), await a.group('Both', [bob.user])]
    for (const chat of chats) {
      const body = { clientMessageId: `m${chat.id}`, content: { text: 'hello from afar' } }
      expect(await a.request('POST', `/v1/conversations/${chat.id}/messages`, body)).toMatchObject({ status: 201 })
      await client.waitFor(
        (frame) => frame.t === 'event' && frame.update.kind === 'message' && frame.update.conversation === chat.id,
      )
    }
    const find = async () => (await b.call<{ items: unknown[] }>('GET', '/v1/search?query=afar')).items.length
    await expect.poll(find, { timeout: 5000 }).toBe(2)
  })

  it('the API serves no sockets, the chat server and the janitor no API; all tell how they are', async () => {
    const socket = new WebSocket(`${urlOf(0).replace('http', 'ws')}/v1/socket`)
    const failed = new Promise((resolve) => socket.on('error', resolve))
    expect(await failed).toBeInstanceOf(Error)
    for (const index of [1, 2]) {
      expect(await new RawApi(urlOf(index)).request('POST', '/v1/accounts', {})).toMatchObject({ status: 404 })
    }
    for (const { url } of nodes) expect(await new RawApi(url).request('GET', '/readyz')).toMatchObject({ status: 200 })
  })
})
