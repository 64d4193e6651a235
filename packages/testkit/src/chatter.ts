import type { EntryUpdate } from '@parley/protocol'
import type { Random } from '../../server/src/lib/random.ts'
import { checkHistory } from './history/check-history.ts'
import { History } from './history/history.ts'
import type { HistoryRecord, Violation } from './history/record.ts'
import { type Account, logIn, RawApi, register } from './raw-api.ts'
import { RawClient } from './raw-client.ts'
import { RawDevice } from './raw-device.ts'
import { resolveUrl, type ServerUrl } from './raw-way.ts'

interface Room {
  id: string
  members: Account[]
}

export interface ChatterOptions {
  url: ServerUrl
  random: Random
  users: number
  devicesPerUser: number
  /** Messages that one device has under way at most. */
  pipelined: number
  /** The longest (ms) that a device waits between two messages. */
  pause?: number
}

/**
 * People who chat for as long as they are let: devices with stores and outboxes in one group and in pairs, whatever
 * happens to the server. Everything is written down, and judged when it is quiet.
 */
export class Chatter {
  readonly history = new History()
  readonly devices: RawDevice[] = []
  readonly #options
  #rooms: Room[] = []
  #users: Account[] = []
  #ghost: Account | undefined
  #hauntings = 0
  #talking = false
  #talks: Promise<void>[] = []
  #logged = new Map<string, number>()
  #answered = 0
  /** Milliseconds by `performance.now()`. */
  #lastAnswer = new Map<RawDevice, number>()
  #longestSilence = 0

  private constructor(options: ChatterOptions) {
    this.#options = options
  }

  static async start(options: ChatterOptions): Promise<Chatter> {
    const chatter = new Chatter(options)
    await chatter.#enter()
    return chatter
  }

  /** Sends that were answered `ok` so far. */
  get answered(): number {
    return this.#answered
  }

  /** The longest (ms) that a device which talks waited for the next answer, since `talk` or `countAnew` was called. */
  get longestSilence(): number {
    return this.#longestSilence
  }

  countAnew(): void {
    this.#longestSilence = 0
    this.#lastAnswer.clear()
  }

  /** Everybody talks, until `quiet`. */
  talk(): void {
    this.#talking = true
    this.countAnew()
    this.#talks = this.devices.map((device) => this.#talkFrom(device))
  }

  /** Resolves when so many more sends were answered, within `patience` ms. */
  async progress(count: number, patience?: number): Promise<void> {
    const due = this.#answered + count
    await this.devices[0]!.until(() => this.#answered >= due, patience)
  }

  /** Somebody sends to the group, is gone before any answer, and never asks what became of it. */
  async haunt(): Promise<void> {
    const url = this.#url
    const { client } = await RawClient.connect({ url, account: this.#ghost!, history: this.history })
    const haunting = ++this.#hauntings
    for (let n = 0; n < 5; n++)
      client.startSend(this.#rooms[0]!.id, `ghost-${haunting}-${n}`, { text: `boo ${haunting} ${n}` })
    setTimeout(() => client.drop(), this.#options.random.float() * 20)
  }

  /** Nobody talks any more; resolves when every outbox is empty and every device has what the server has. */
  async quiet(patience?: number): Promise<void> {
    this.#talking = false
    await Promise.all(this.#talks)
    for (const { id, members } of this.#rooms) {
      const head = await this.#headOf(id, members[0]!)
      const inRoom = this.devices.filter(({ account }) => members.some((member) => member.user === account.user))
      await Promise.all(inRoom.map((device) => device.until(() => device.appliedUpTo(id) >= head, patience)))
    }
  }

  /** Promises that were broken so far; to be asked when it is quiet. `afresh`: every log is read from its beginning. */
  async judge(afresh = false): Promise<Violation[]> {
    if (afresh) this.#logged.clear()
    const earlier = this.history.records.filter((record) => !afresh || record.type !== 'log')
    const logs = await this.#readLogs()
    if (!afresh) for (const log of logs) this.history.add(log)
    const settled = this.devices.map(
      ({ account: { user, device } }): HistoryRecord => ({ type: 'settled', user, device }),
    )
    return checkHistory([...earlier, ...logs, ...settled])
  }

  async close(): Promise<void> {
    this.#talking = false
    await Promise.all(this.devices.map((device) => device.close()))
  }

  get #url(): string {
    return resolveUrl(this.#options.url)
  }

  async #enter(): Promise<void> {
    const { url, users, devicesPerUser } = this.#options
    const at = (): string => this.#url
    const accounts: Account[] = []
    for (let n = 0; n < users; n++) {
      const account = await register(at())
      this.#users.push(account)
      accounts.push(account)
      for (let more = 1; more < devicesPerUser; more++) accounts.push(await logIn(at(), account))
    }
    this.#ghost = await register(at())
    const members = [...this.#users, this.#ghost]
    const group = await new RawApi(at(), members[0]!.token).group(
      'Everybody',
      members.slice(1).map((account) => account.user),
    )
    this.#rooms.push({ id: group.id, members })
    for (let n = 0; n + 1 < users; n += 2) {
      const [a, b] = [this.#users[n]!, this.#users[n + 1]!]
      const { id } = await new RawApi(at(), a.token).direct(b.user)
      this.history.add({ type: 'direct', conversation: id, members: [a.user, b.user] })
      this.#rooms.push({ id, members: [a, b] })
    }
    for (const account of accounts) {
      const ackEvery = 1 + Math.floor(this.#options.random.float() * 3)
      this.devices.push(new RawDevice({ url, account, history: this.history, ackEvery }))
    }
    await Promise.all(this.devices.map((device) => device.start()))
  }

  async #talkFrom(device: RawDevice): Promise<void> {
    const { random, pipelined, pause = 10 } = this.#options
    const own = this.#rooms.filter(({ members }) => members.some((member) => member.user === device.account.user))
    const underWay = new Set<Promise<void>>()
    for (let n = 0; this.#talking; n++) {
      const room = own[Math.floor(random.float() * own.length)]!
      const sent = device.send(room.id, { text: `${device.account.device} says ${n}` }).then(() => {
        this.#answered++
        this.#noteAnswer(device)
        underWay.delete(sent)
        device.poke()
        this.devices[0]!.poke()
      })
      underWay.add(sent)
      while (underWay.size >= pipelined) await Promise.race(underWay)
      await new Promise((resolve) => setTimeout(resolve, random.float() * pause))
    }
    await Promise.all(underWay)
  }

  #noteAnswer(device: RawDevice): void {
    const now = performance.now()
    this.#longestSilence = Math.max(this.#longestSilence, now - (this.#lastAnswer.get(device) ?? now))
    this.#lastAnswer.set(device, now)
  }

  async #headOf(conversation: string, member: Account): Promise<number> {
    const entries = await new RawApi(this.#url, member.token).call<{ head: number }>(
      'GET',
      `/v1/conversations/${conversation}`,
    )
    return entries.head
  }

  async #readLogs(): Promise<HistoryRecord[]> {
    const logs: HistoryRecord[] = []
    for (const { id, members } of this.#rooms) {
      for (const { user, token } of members) {
        const after = this.#logged.get(`${id} ${user}`) ?? 0
        const entries: EntryUpdate[] = await new RawApi(this.#url, token).entries(id, after)
        this.#logged.set(`${id} ${user}`, entries.at(-1)?.seq ?? after)
        logs.push({ type: 'log', conversation: id, entries })
      }
    }
    return logs
  }
}
