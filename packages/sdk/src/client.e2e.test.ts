import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningNode, startNode } from '@parley/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, createClient } from './client.ts'
import { memoryStore } from './store/memory-store.ts'
import { until } from './testing/until.ts'

let node: RunningNode
let folder: string
const clients: Client[] = []
let names = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-sdk-'))
  node = await startNode({ data: folder, port: 0, logLevel: 'silent', rateLimits: 'off' })
})

afterAll(async () => {
  for (const client of clients) await client.close()
  await node.close()
  await rm(folder, { recursive: true })
})

async function newClient(): Promise<Client> {
  const client = await createClient({ server: node.url, store: memoryStore() })
  clients.push(client)
  return client
}

async function newUser(): Promise<Client> {
  const client = await newClient()
  const username = `user_${++names}`
  await client.register({ username, password: 'correct horse', displayName: username, device: { name: 'test' } })
  client.connect()
  await until('live', () => client.state.status === 'live')
  return client
}

const idOf = (client: Client): string => client.session?.user.id ?? ''

describe('a client of a real server', () => {
  it('sends, receives, edits, reacts, deletes; both devices show the same', async () => {
    const [anna, ben] = [await newUser(), await newUser()]
    const heard: string[] = []
    ben.on('message', (message) => heard.push('text' in message.content ? String(message.content.text) : ''))
    const chat = await anna.direct(idOf(ben))
    const sent = await chat.send('hello')
    expect(sent.seq).toBe(1)
    await until('ben hears it', () => heard.length === 1)
    expect(heard).toEqual(['hello'])
    const theirs = ben.conversation(chat.id)
    await until('ben knows who it is', () => theirs.state?.peer !== undefined)
    expect(theirs.state).toMatchObject({ kind: 'direct', unread: 1, peer: { username: anna.session?.user.username } })
    await theirs.react(1, '👍')
    await chat.edit(1, 'hello there')
    await chat.send('second')
    await chat.delete(2 + 2)
    await until('anna is up to date', () => chat.state?.head === 5)
    await until('ben is up to date', () => theirs.state?.head === 5)
    const mine = (await chat.messages()).items
    expect(mine).toMatchObject([
      { seq: 1, content: { text: 'hello there' }, reactions: { '👍': [idOf(ben)] } },
      { seq: 4, content: {}, deletedAt: expect.any(Number) },
    ])
    const shown = (await theirs.messages()).items
    expect(
      shown.map(({ content, editedAt, deletedAt, reactions }) => ({ content, editedAt, deletedAt, reactions })),
    ).toEqual(mine.map(({ content, editedAt, deletedAt, reactions }) => ({ content, editedAt, deletedAt, reactions })))
    await theirs.read()
    expect(theirs.state?.unread).toBe(0)
    await until('anna sees that it was seen', async () => (await chat.messages()).items[0]?.seenAt !== undefined)
  })
})
