import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Update } from '@parley/protocol'
import { Histogram, type LatencySummary } from '../measure/histogram.ts'
import { inLanes } from './api.ts'
import { keepAlive, LoadSession } from './load-session.ts'
import type { PairsPlan } from './pairs.ts'
import { messageText } from './texts.ts'
import type { Endpoint } from './wire-socket.ts'

export interface StormResult {
  sessions: number
  /** From the kill until a session was live again and held its messages, ms. */
  back: LatencySummary
  failures: string[]
}

const patienceMs = 60_000
const heartbeatMs = 30_000
const firstBackOffMs = 500
const longestBackOffMs = 60_000

/** W4: sessions in pairs that hold messages they never acknowledge, lose their server, and come back for them. */
export class StormLoad {
  readonly #endpoint: Endpoint
  readonly #held: number
  readonly #devices: StormDevice[]
  readonly #stopBeating: () => void

  constructor(endpoint: Endpoint, plan: PairsPlan, held: number) {
    this.#endpoint = endpoint
    this.#held = held
    this.#devices = plan.tokens.map((token, index) => new StormDevice(token, plan.conversations[index >> 1] ?? ''))
    this.#stopBeating = keepAlive(this.#devices, heartbeatMs)
  }

  /** Everybody connects, sends, and has received what the peer sent. */
  async fill(): Promise<void> {
    await inLanes(this.#devices.length, 100, (index) => this.#devices[index]!.connect(this.#endpoint))
    await inLanes(this.#devices.length, 100, async (index) => this.#devices[index]!.send(this.#held))
    for (const device of this.#devices) await device.filled(this.#held, patienceMs)
  }

  /** Resolves when all are back, or patience is over. The server was killed at `killedAt` (ms since the epoch). */
  async recover(killedAt: number): Promise<StormResult> {
    const histogram = new Histogram()
    const failures = new Set<string>()
    let missing = 0
    const one = async (device: StormDevice) => {
      try {
        await device.comeBack(this.#endpoint, this.#held, killedAt + patienceMs)
        histogram.record(Date.now() - killedAt)
      } catch (error) {
        missing += 1
        failures.add(error instanceof Error ? error.message : String(error))
      }
    }
    await Promise.all(this.#devices.map(one))
    if (missing > 0) failures.add(`${missing} of ${this.#devices.length} sessions are not back with their messages`)
    return { sessions: this.#devices.length, back: histogram.summary(), failures: [...failures].slice(0, 10) }
  }

  close(): void {
    this.#stopBeating()
    for (const device of this.#devices) device.close()
  }
}

class StormDevice {
  readonly #token: string
  readonly #conversation: string
  #session: LoadSession | undefined
  #cursor: string | undefined
  #user = ''
  #lost = Promise.withResolvers<string>()
  #answered = 0
  readonly #messages = new Set<number>()
  #wanted = 0
  #complete = Promise.withResolvers<void>()

  constructor(token: string, conversation: string) {
    this.#token = token
    this.#conversation = conversation
  }

  async connect(endpoint: Endpoint): Promise<void> {
    this.#lost = Promise.withResolvers<string>()
    const hello = { token: this.#token, ...(this.#cursor !== undefined && { cursor: this.#cursor }) }
    this.#session = await LoadSession.open(endpoint, hello, {
      ok: () => {
        this.#answered += 1
        this.#check()
      },
      event: (_, update) => this.#event(update),
      closed: (reason) => {
        this.#session = undefined
        this.#lost.resolve(reason)
      },
    })
    // Nothing is ever acknowledged: every resume begins where the first connection began.
    this.#cursor ??= this.#session.cursor
    this.#user = this.#session.user
  }

  send(count: number): void {
    for (let number = 1; number <= count; number++) {
      this.#session?.send(
        `{"t":"send","ref":${number},"conversation":"${this.#conversation}","clientMessageId":"${randomUUID()}",` +
          `"content":{"text":"${messageText(number)}"}}`,
      )
    }
    this.#session?.flush()
  }

  /** As `holding`, on the first connection. */
  async filled(count: number, withinMs: number): Promise<void> {
    const lost = this.#lost.promise.then((reason) => {
      throw new Error(`a session was lost before it had its messages: ${reason}`)
    })
    await Promise.race([this.holding(count, withinMs), lost])
  }

  beat(): void {
    this.#session?.beat()
  }

  /** Resolves when `count` were answered and `count` of the peer's are here. */
  async holding(count: number, withinMs: number): Promise<void> {
    this.#wanted = count
    this.#check()
    await Promise.race([this.#complete.promise, tooLate(withinMs, 'messages did not arrive')])
  }

  async comeBack(endpoint: Endpoint, count: number, until: number): Promise<void> {
    await this.#lost.promise
    this.#messages.clear()
    this.#complete = Promise.withResolvers<void>()
    this.#answered = count
    for (let attempt = 0; ; attempt++) {
      // Full jitter (rule K3).
      await delay(Math.random() * Math.min(longestBackOffMs, firstBackOffMs * 2 ** attempt))
      try {
        await this.connect(endpoint)
        break
      } catch (error) {
        if (Date.now() > until) throw error
      }
    }
    await this.holding(count, until - Date.now())
  }

  close(): void {
    this.#session?.close()
  }

  #event(update: Update): void {
    // After a resume its own messages come as events too (rule D7).
    if (update.kind === 'message' && update.sender !== this.#user) this.#messages.add(update.seq)
    this.#check()
  }

  #check(): void {
    if (this.#wanted > 0 && this.#messages.size >= this.#wanted && this.#answered >= this.#wanted)
      this.#complete.resolve()
  }
}

async function tooLate(ms: number, what: string): Promise<never> {
  await delay(Math.max(0, ms), undefined, { ref: false })
  throw new Error(what)
}
