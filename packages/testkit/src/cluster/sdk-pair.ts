import { type Client, type ConversationHandle, createClient, memoryStore, type OpenSocket } from '@parley/client'
import { register } from '../raw-api.ts'

/** A network that lets no socket through. */
const noSockets: OpenSocket = (_url, _protocols, handlers) => {
  setTimeout(() => handlers.close(1006, ''), 1)
  return { send: () => {}, close: () => {} }
}

/** Two people with the client library who write to each other: one over sockets, one where only polling gets through. */
export class SdkPair {
  readonly #clients: Client[]
  readonly #chats: ConversationHandle[] = []
  /** How each connection began. */
  readonly resumes: string[] = []
  /** By client (ms): the longest that a message took to be answered, and that nothing came from the other one. */
  readonly longest = [0, 0].map(() => ({ answer: 0, silence: 0 }))
  readonly #heard = [0, 0]
  readonly #answers = [0, 0]
  #sent = 0
  #talking = true
  #talks: Promise<void>[] = []

  private constructor(clients: Client[]) {
    this.#clients = clients
  }

  static async start(server: string): Promise<SdkPair> {
    const clients: Client[] = []
    const pair = new SdkPair(clients)
    for (const openSocket of [undefined, noSockets]) {
      const { username, password } = await register(server)
      const client = await createClient({
        server,
        store: memoryStore(),
        ...(openSocket && { openSocket }),
        observe: (seen) => {
          if (seen.type === 'welcome') pair.resumes.push(seen.resume)
        },
      })
      const index = clients.length
      client.on('message', ({ sender }) => {
        if (sender !== client.session?.user.id) pair.#hear(index)
      })
      await client.logIn({ username, password, device: { name: 'library' } })
      client.connect()
      clients.push(client)
    }
    const [a, b] = clients as [Client, Client]
    const chat = await a.direct(b.session!.user.id)
    pair.#chats.push(chat, b.conversation(chat.id))
    await chat.send('first')
    await until(() => pair.#chats[1]!.state !== undefined)
    pair.#talks = pair.#chats.map((_, index) => pair.#talk(index))
    return pair
  }

  /** From here on, once both were answered and heard the other one again. */
  async countAnew(): Promise<void> {
    const since = performance.now()
    const before = [...this.#answers]
    await until(() => before.every((count, index) => this.#answers[index]! > count + 1 && this.#heard[index]! > since))
    for (const one of this.longest) Object.assign(one, { answer: 0, silence: 0 })
  }

  /** Nobody writes any more; resolves when both have everything. @returns what each shows */
  async quiet(): Promise<string[][]> {
    this.#talking = false
    await Promise.all(this.#talks)
    await until(() => this.#chats.every(({ state }) => state?.head === this.#sent + 1))
    return Promise.all(
      this.#chats.map(async (chat) => {
        const { items } = await chat.messages({ limit: this.#sent + 1 })
        return items.map(({ seq, content }) => `${seq} ${content.text}`)
      }),
    )
  }

  async close(): Promise<void> {
    this.#talking = false
    await Promise.allSettled(this.#clients.map((client) => client.close()))
  }

  #hear(index: number): void {
    const now = performance.now()
    const longest = this.longest[index]!
    if (this.#heard[index]! > 0) longest.silence = Math.max(longest.silence, now - this.#heard[index]!)
    this.#heard[index] = now
  }

  async #talk(index: number): Promise<void> {
    for (let n = 0; this.#talking; n++) {
      const began = performance.now()
      await this.#chats[index]!.send(`${index} says ${n}`)
      this.#sent++
      this.#answers[index]!++
      const longest = this.longest[index]!
      longest.answer = Math.max(longest.answer, performance.now() - began)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function until(holds: () => boolean, patience = 60_000): Promise<void> {
  for (const deadline = performance.now() + patience; !holds(); ) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
