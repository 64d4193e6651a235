import { randomUUID } from 'node:crypto'
import type { ErrorFrame, Update } from '@parley/protocol'
import { inLanes } from './api.ts'
import { keepAlive, LoadSession } from './load-session.ts'
import { OpenLoop } from './open-loop.ts'
import { type Offer, type SlotDriver, SlotMeter } from './slot.ts'
import { IntendedTimes, messageText } from './texts.ts'
import type { Endpoint } from './wire-socket.ts'

export interface PairsPlan {
  tokens: readonly string[]
  /** The conversation of users 2i and 2i+1. */
  conversations: readonly string[]
  /** Where each user connects; one server for all when it is absent. */
  endpoints?: readonly Endpoint[]
  /** The server only gives back what it is sent: a frame that returns is answer and event in one. */
  echo?: boolean
}

/** W1: users in pairs, both send; every event is acknowledged by its own `ack`. */
export class PairsLoad implements SlotDriver {
  readonly meter = new SlotMeter()
  readonly #times = new IntendedTimes()
  readonly #users: PairUser[] = []
  readonly #echo: boolean
  readonly #openLoop = new OpenLoop()
  #stopBeating: () => void = () => {}
  #outstanding = 0

  constructor(echo: boolean) {
    this.#echo = echo
  }

  static async open(endpoint: Endpoint, plan: PairsPlan): Promise<PairsLoad> {
    const load = new PairsLoad(plan.echo ?? false)
    const users = await inLanes(plan.tokens.length, 50, async (index) => {
      const conversation = plan.conversations[index >> 1] ?? ''
      const user = new PairUser(conversation)
      user.session = await LoadSession.open(
        plan.endpoints?.[index] ?? endpoint,
        { token: plan.tokens[index] ?? '' },
        load.#eventsOf(user),
      )
      return user
    })
    load.#users.push(...users)
    const sessions = users.map((user) => user.session)
    load.#stopBeating = keepAlive(sessions, sessions[0]?.heartbeat ?? 30_000)
    return load
  }

  start(offer: Offer): void {
    if ('rate' in offer) {
      this.#outstanding = 0
      let turn = 0
      this.#openLoop.start(offer.rate, (intended) => {
        const user = this.#users[turn++ % this.#users.length]!
        this.#send(user, intended)
        user.session.flush()
      })
      return
    }
    this.#outstanding = offer.outstanding
    for (const user of this.#users) {
      for (let count = 0; count < offer.outstanding; count++) this.#send(user, performance.now())
      user.session.flush()
    }
  }

  stop(): void {
    this.#outstanding = 0
    this.#openLoop.stop()
  }

  expected(): number {
    return this.meter.sent
  }

  close(): void {
    this.stop()
    this.#stopBeating()
    for (const user of this.#users) user.session.close()
  }

  #send(user: PairUser, intended: number): void {
    const number = this.#times.add(intended)
    this.meter.sent += 1
    user.session.send(
      `{"t":"send","ref":${number},"conversation":"${user.conversation}","clientMessageId":"${randomUUID()}",` +
        `"content":{"text":"${messageText(number)}"}}`,
    )
  }

  #answered(user: PairUser, ref: number): void {
    this.meter.answered += 1
    this.meter.ok.record(performance.now() - this.#times.of(ref))
    if (this.#outstanding > 0) this.#send(user, performance.now())
  }

  #delivered(user: PairUser, pos: string, update: Update): void {
    user.session.ack(pos)
    if (update.kind !== 'message') return
    // Events of a conversation come in order; what is not above the last one is a repeat (rule Y2),
    // and one's own has been answered by its `ok` (rule D7).
    if (update.seq <= user.seen || update.sender === user.session.user) {
      this.meter.repeats += 1
      return
    }
    user.seen = update.seq
    this.meter.delivered += 1
    this.meter.delivery.record(performance.now() - this.#times.ofMessage(update))
  }

  #eventsOf(user: PairUser) {
    const failed = (what: string) => this.meter.failures.add(what)
    return {
      ok: (ref: number) => this.#answered(user, ref),
      event: (pos: string, update: Update) => this.#delivered(user, pos, update),
      error: (frame: ErrorFrame) => failed(`error ${frame.code}: ${frame.message}`),
      closed: failed,
      ...(this.#echo && { raw: (bytes: Buffer, from: number, to: number) => this.#echoed(user, bytes, from, to) }),
    }
  }

  /** Echo: `{"t":"send"…` is the answer and the event, `{"t":"ack"…` nothing. */
  #echoed(user: PairUser, bytes: Buffer, from: number, to: number): boolean {
    const kind = bytes[from + 6]
    if (kind === 0x61) return true
    if (kind !== 0x73) return false
    const { ref }: { ref: number } = JSON.parse(bytes.toString('latin1', from, to))
    this.#answered(user, ref)
    user.session.ack(String(ref))
    this.meter.delivered += 1
    return true
  }
}

class PairUser {
  readonly conversation: string
  session!: LoadSession
  seen = 0

  constructor(conversation: string) {
    this.conversation = conversation
  }
}
