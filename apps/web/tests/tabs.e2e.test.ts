import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient, memoryStore, type Store } from '@parley/client'
import { type RunningNode, startNode } from '@parley/server'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Channel, TabMessage } from '../src/client/channel.ts'
import { Device, type HoldLead } from '../src/client/device.ts'
import { SharedRecords } from '../src/client/shared-records.ts'

const password = 'correct horse'
let folder: string
let node: RunningNode
let bert: Client
let names = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-tabs-'))
  node = await startNode({ data: folder, port: 0, logLevel: 'silent', rateLimits: 'off' })
  bert = await createClient({ server: node.url, store: memoryStore() })
  await bert.register({ username: 'bert', password, device: { name: 'x' } })
  bert.connect()
})
afterAll(async () => {
  await bert.close()
  await node.close()
  await rm(folder, { recursive: true })
})

interface Tab {
  device: Device
  /** As when it is closed: without a word. */
  vanish(): void
  /** As when the system stops it in the background. */
  freeze(): void
}

const opened: Tab[] = []
afterEach(() => {
  for (const { vanish } of opened.splice(0)) vanish()
})

class MapStorage extends Map<string, string> implements Storage {
  [name: string]: unknown
  get length(): number {
    return this.size
  }
  key = (index: number): string | null => [...this.keys()][index] ?? null
  getItem = (key: string): string | null => this.get(key) ?? null
  setItem = (key: string, value: string): void => void this.set(key, value)
  removeItem = (key: string): void => void this.delete(key)
}

/** A browser: tabs over one store, one lock, and a channel that copies what it carries. */
class TestBrowser {
  readonly #memory = memoryStore()
  readonly #ears = new Map<object, (message: TabMessage) => void>()
  readonly #storage = new MapStorage()
  #lock = Promise.resolve()
  #holder: AbortController | undefined

  async open(): Promise<Tab> {
    const self = {}
    let open = true
    let frozen = false
    const closing = new AbortController()
    const gone = closing.signal
    const channel: Channel = {
      post: (message) => {
        if (!open || frozen) return
        const copy = structuredClone(message)
        for (const [other, hear] of this.#ears) if (other !== self) queueMicrotask(() => hear(copy))
      },
      listen: (hear) => this.#ears.set(self, (message) => open && !frozen && hear(message)),
      close: () => {},
    }
    const holdLead: HoldLead = (lead) => {
      const wait = (first: boolean): void => {
        const lost = new AbortController()
        const ended = new Promise<void>((resolve) => lost.signal.addEventListener('abort', () => resolve()))
        const run = async (): Promise<void> => {
          if (!open) return
          this.#holder = lost
          gone.addEventListener('abort', () => lost.abort())
          // Nobody who lost it, or is gone, holds anything, whatever they were about.
          await Promise.race([lead(lost.signal), ended])
          if (open) wait(false)
        }
        if (first) this.#holder?.abort()
        this.#lock = this.#lock.then(run)
      }
      wait(false)
      return { take: () => wait(true) }
    }
    // What a tab that is gone would still have written is written by nobody.
    const openStore = (): Store => ({
      load: () => this.#memory.load(),
      apply: async (batch) => {
        if (!open || frozen) return new Promise<never>(() => {})
        await this.#memory.apply(batch)
      },
      messages: (conversation, range) => this.#memory.messages(conversation, range),
      close: async () => {},
    })
    const device = await Device.open({
      server: node.url,
      openStore,
      channel,
      holdLead,
      newId: () => crypto.randomUUID().replaceAll('-', ''),
      records: (name) => new SharedRecords(this.#storage, name, new EventTarget()),
    })
    const vanish = (): void => {
      open = false
      this.#ears.delete(self)
      closing.abort()
    }
    const freeze = (): void => {
      frozen = true
    }
    const tab = { device, vanish, freeze }
    opened.push(tab)
    return tab
  }
}

const register = (tab: Tab): Promise<unknown> =>
  tab.device.calls.register({ username: `anna_${++names}`, password, device: { name: 'browser' } })

const live = (tab: Tab): Promise<unknown> =>
  expect
    .poll(() => tab.device.state.status)
    .toBe('live')
    .then()

const shown = ({ device: { view, state } }: Tab) => ({
  state,
  user: view.session?.user.id,
  conversations: view.conversations(),
  users: view.users(),
})

const bertsId = (): string => bert.session?.user.id ?? ''

describe('several tabs of one browser', () => {
  it('are one device over one connection, and show the same', async () => {
    const browser = new TestBrowser()
    const [first, second] = [await browser.open(), await browser.open()]
    await register(second)
    await live(second)
    expect([first.device.leads, second.device.leads]).toEqual([true, false])
    const chat = await second.device.calls.direct(bertsId())
    await second.device.calls.conversation(chat).send('from the second tab')
    await bert.conversation(chat).send('heard')
    await expect.poll(() => second.device.view.conversation(chat)?.unread).toBe(1)
    expect(shown(second)).toEqual(shown(first))
    const third = await browser.open()
    await live(third)
    expect(shown(third)).toEqual(shown(first))
    expect(await third.device.calls.account.devices()).toHaveLength(1)
  })

  it('go on when the one that had the connection is gone, again and again; every send is there once', {
    timeout: 60_000,
  }, async () => {
    const browser = new TestBrowser()
    let tabs = [await browser.open(), await browser.open(), await browser.open(), await browser.open()]
    await register(tabs[1] as Tab)
    const chat = await (tabs[3] as Tab).device.calls.direct(bertsId())
    const sends: Promise<unknown>[] = []
    let said = 0
    const last = tabs.at(-1) as Tab
    while (tabs.length > 1) {
      await live(last)
      for (let count = 0; count < 20; count++)
        sends.push(last.device.calls.conversation(chat).send(`message ${++said}`))
      // Some are answered, some under way, some never left.
      await sends[sends.length - 15]
      tabs[0]?.vanish()
      tabs = tabs.slice(1)
    }
    await Promise.all(sends)
    expect(last.device.leads).toBe(true)
    const texts = async (client: Client): Promise<string[]> =>
      (await client.conversation(chat).messages({ limit: 200 })).items.map(({ content }) =>
        'text' in content ? (content.text ?? '') : '',
      )
    const everything = Array.from({ length: said }, (_, index) => `message ${index + 1}`)
    await expect.poll(() => texts(bert)).toHaveLength(said)
    expect(await texts(bert)).toEqual(everything)
    const own = await last.device.view.messages(chat, { from: 0, before: 1000, limit: 200 })
    expect(own).toHaveLength(said)
    expect(last.device.view.pending(chat)).toEqual([])
  })

  it('take the lead from one that the system has stopped; what it was to send is sent', {
    timeout: 30_000,
  }, async () => {
    const browser = new TestBrowser()
    const [first, second] = [await browser.open(), await browser.open()]
    await register(second)
    await live(second)
    const chat = await second.device.calls.direct(bertsId())
    first.freeze()
    const sending = second.device.calls.conversation(chat).send('while it stands still')
    await second.device.wake()
    await sending
    expect(second.device.leads).toBe(true)
    await expect
      .poll(() => bert.conversation(chat).state?.lastMessage?.content)
      .toEqual({ text: 'while it stands still' })
  })

  it('tell an error as what it is, and take a call back', async () => {
    const browser = new TestBrowser()
    const [, second] = [await browser.open(), await browser.open()]
    await register(second)
    await expect(second.device.calls.direct('nobody')).rejects.toMatchObject({ name: 'ParleyError', code: 'not_found' })
    const over = new AbortController()
    const asked = second.device.calls.account.findUsers('b', { signal: over.signal })
    over.abort()
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('are all logged out when one logs out; what was typed goes with it', async () => {
    const browser = new TestBrowser()
    const [first, second] = [await browser.open(), await browser.open()]
    await register(second)
    await live(second)
    first.device.drafts.set('c', { text: 'secret' })
    await second.device.calls.logOut()
    await expect.poll(() => [first.device.view.session, second.device.view.session]).toEqual([undefined, undefined])
    expect(second.device.drafts.get('c')).toBeUndefined()
    expect(second.device.state).toMatchObject({ status: 'closed' })
  })

  it('watch who any of them shows; one that begins to is told at once', async () => {
    const browser = new TestBrowser()
    const [first, second] = [await browser.open(), await browser.open()]
    await register(second)
    await live(second)
    const chat = await second.device.calls.direct(bertsId())
    await second.device.calls.conversation(chat).send('hello')
    first.device.presence.show(bertsId())
    await expect.poll(() => first.device.presence.of(bertsId())?.status).toBe('online')
    second.device.presence.show(bertsId())
    await expect.poll(() => second.device.presence.of(bertsId())?.status).toBe('online')
  })

  it('show who is writing in each', async () => {
    const browser = new TestBrowser()
    const [first, second] = [await browser.open(), await browser.open()]
    await register(first)
    await live(second)
    const chat = await first.device.calls.direct(bertsId())
    await first.device.calls.conversation(chat).send('hello')
    await expect.poll(() => bert.conversation(chat).state?.head).toBe(1)
    bert.conversation(chat).typing()
    await expect.poll(() => second.device.typing.of(chat)).toEqual([{ user: bertsId(), state: 'typing' }])
    await bert.conversation(chat).send('written')
    await expect.poll(() => second.device.typing.of(chat)).toEqual([])
  })
})
