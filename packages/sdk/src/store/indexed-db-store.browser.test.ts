import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningNode, startNode } from '@parley/server'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { type BrowserWorld, type PageGlobals, startBrowser } from '../testing/browser.ts'
import { storeContract } from './store.contract.ts'
import type { Store } from './store.ts'

let world: BrowserWorld
let node: RunningNode
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-browser-'))
  node = await startNode({ data: folder, port: 0, logLevel: 'silent' })
  world = await startBrowser(node.url)
}, 60_000)
afterAll(async () => {
  await world.stop()
  await node.close()
  await rm(folder, { recursive: true })
})

type Globals = PageGlobals & { client: Client }

let names = 0

function remoteStore(page: Page, name: string): Store {
  const key = ++names
  const call = (method: string, ...args: unknown[]): Promise<never> =>
    page.evaluate(
      async ({ name, key, method, args }) => {
        const page = globalThis as unknown as PageGlobals & { stores?: Record<number, Store> }
        page.stores ??= {}
        page.stores[key] ??= page.indexedDbStore(name)
        const store = page.stores[key] as unknown as Record<string, (...args: unknown[]) => never>
        return store[method]!(...args)
      },
      { name, key, method, args },
    )
  return {
    load: () => call('load'),
    apply: (batch) => call('apply', batch),
    messages: (conversation, range) => call('messages', conversation, range),
    close: () => call('close'),
  }
}

storeContract('IndexedDB in Chromium', async () => {
  const page = await world.newPage()
  const name = `contract ${++names}`
  return { open: () => remoteStore(page, name), end: () => page.close() }
})

describe('a client in Chromium over IndexedDB', () => {
  it('keeps what it knows, and what it has to send, over a reload of the page', { timeout: 60_000 }, async () => {
    const page = await world.newPage()
    const open = async () => {
      await page.evaluate(async (server) => {
        const page = globalThis as unknown as Globals
        page.client = await page.createClient({ server, store: page.indexedDbStore('real') })
      }, world.url)
    }
    try {
      await open()
      const before = await page.evaluate(async () => {
        const { client } = globalThis as unknown as Globals
        await client.register({ username: 'browser', password: 'correct horse', device: { name: 'chromium' } })
        client.connect()
        const group = await client.createGroup({ title: 'Notes', members: [] })
        await group.send('kept')
        client.disconnect()
        void group.send('waiting')
        while (group.pending().length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
        return client.conversations()
      })
      expect(before).toMatchObject([{ title: 'Notes', head: 2, lastMessage: { content: { text: 'kept' } } }])
      await page.reload()
      await world.ready(page)
      await open()
      const after = await page.evaluate(async () => {
        const { client } = globalThis as unknown as Globals
        const stored = client.conversations()
        const group = client.conversation(stored[0]!.id)
        client.connect()
        while (group.pending().length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
        return { stored, texts: (await group.messages()).items.map(({ content }) => content) }
      })
      expect(after.stored).toEqual(before)
      expect(after.texts).toEqual([{ text: 'kept' }, { text: 'waiting' }])
    } finally {
      await page.close()
    }
  })
})
