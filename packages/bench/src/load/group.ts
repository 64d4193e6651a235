import { randomUUID } from 'node:crypto'
import type { ErrorFrame, Update } from '@parley/protocol'
import { inLanes } from './api.ts'
import { EventScan, isEvent } from './event-scan.ts'
import { keepAlive, LoadSession } from './load-session.ts'
import { OpenLoop } from './open-loop.ts'
import { type Offer, type SlotDriver, SlotMeter } from './slot.ts'
import { IntendedTimes, messageText } from './texts.ts'
import type { Endpoint } from './wire-socket.ts'

export interface GroupPlan {
  /** The first one sends, the others receive. */
  tokens: readonly string[]
  conversation: string
}

const ackPeriodMs = 50
const ackSlots = 10
/** Every 16th receiver parses its events and takes their latency; the others only count, as 149 devices are one core here. */
const parsedEvery = 16

/** W2: one sender, everybody else online; a device acknowledges at most every 50 ms, each at its own moment. */
export class GroupLoad implements SlotDriver {
  readonly meter = new SlotMeter()
  readonly #times = new IntendedTimes()
  readonly #openLoop = new OpenLoop()
  readonly #receivers: Receiver[] = []
  #sender!: LoadSession
  #conversation = ''
  #outstanding = 0
  #ackTimer: NodeJS.Timeout | undefined
  #stopBeating: () => void = () => {}

  static async open(endpoint: Endpoint, plan: GroupPlan): Promise<GroupLoad> {
    const load = new GroupLoad()
    load.#conversation = plan.conversation
    const failed = (what: string) => load.meter.failures.add(what)
    const common = {
      error: (frame: ErrorFrame) => failed(`error ${frame.code}: ${frame.message}`),
      closed: failed,
    }
    const [sender = '', ...others] = plan.tokens
    load.#sender = await LoadSession.open(
      endpoint,
      { token: sender },
      { ...common, ok: (ref) => load.#answered(ref), event: (pos) => load.#sender.ack(pos) },
    )
    const receivers = await inLanes(others.length, 20, async (index) => {
      const receiver = new Receiver(load.meter, index % parsedEvery === 0 ? load.#times : undefined)
      const events = { ...common, ...receiver.events() }
      receiver.session = await LoadSession.open(endpoint, { token: others[index] ?? '' }, events)
      return receiver
    })
    load.#receivers.push(...receivers)
    load.#beginAcks()
    const sessions = [load.#sender, ...receivers.map((receiver) => receiver.session)]
    load.#stopBeating = keepAlive(sessions, load.#sender.heartbeat)
    return load
  }

  start(offer: Offer): void {
    if ('rate' in offer) {
      this.#openLoop.start(offer.rate, (intended) => {
        this.#send(intended)
        this.#sender.flush()
      })
      return
    }
    this.#outstanding = offer.outstanding
    for (let count = 0; count < offer.outstanding; count++) this.#send(performance.now())
    this.#sender.flush()
  }

  stop(): void {
    this.#outstanding = 0
    this.#openLoop.stop()
  }

  expected(): number {
    return this.meter.sent * this.#receivers.length
  }

  close(): void {
    this.stop()
    this.#stopBeating()
    clearInterval(this.#ackTimer)
    this.#sender.close()
    for (const { session } of this.#receivers) session.close()
  }

  #send(intended: number): void {
    const number = this.#times.add(intended)
    this.meter.sent += 1
    this.#sender.send(
      `{"t":"send","ref":${number},"conversation":"${this.#conversation}","clientMessageId":"${randomUUID()}",` +
        `"content":{"text":"${messageText(number)}"}}`,
    )
  }

  #answered(ref: number): void {
    this.meter.answered += 1
    this.meter.ok.record(performance.now() - this.#times.of(ref))
    if (this.#outstanding > 0) this.#send(performance.now())
  }

  #beginAcks(): void {
    let slot = 0
    this.#ackTimer = setInterval(() => {
      for (let index = slot; index < this.#receivers.length; index += ackSlots) this.#receivers[index]?.ackNow()
      slot = (slot + 1) % ackSlots
    }, ackPeriodMs / ackSlots)
  }
}

const scan = new EventScan()

class Receiver {
  session!: LoadSession
  readonly #meter: SlotMeter
  readonly #times: IntendedTimes | undefined
  #seen = 0
  #pos: string | undefined
  #last: { bytes: Buffer; from: number; to: number } | undefined

  constructor(meter: SlotMeter, times: IntendedTimes | undefined) {
    this.#meter = meter
    this.#times = times
  }

  events() {
    const event = (pos: string, update: Update) => this.#event(pos, update)
    if (this.#times) return { event }
    const raw = (bytes: Buffer, from: number, to: number) => this.#raw(bytes, from, to)
    return { event, raw, drained: () => this.#drained() }
  }

  ackNow(): void {
    if (this.#pos === undefined) return
    this.session.ack(this.#pos)
    this.session.flush()
    this.#pos = undefined
  }

  /** Counts the next message of the group at once; anything else, a repeat or a gap, is parsed. */
  #raw(bytes: Buffer, from: number, to: number): boolean {
    if (this.#seen === 0 || !isEvent(bytes, from) || scan.seq(bytes, from, to) !== this.#seen + 1) return false
    this.#seen += 1
    this.#meter.delivered += 1
    this.#last = { bytes, from, to }
    return true
  }

  #drained(): void {
    if (!this.#last) return
    this.#pos = scan.pos(this.#last.bytes, this.#last.from, this.#last.to)
    this.#last = undefined
  }

  #event(pos: string, update: Update): void {
    this.#pos = pos
    this.#last = undefined
    if (update.kind !== 'message') return
    if (update.seq <= this.#seen) {
      this.#meter.repeats += 1
      return
    }
    this.#seen = update.seq
    this.#meter.delivered += 1
    if (this.#times) this.#meter.delivery.record(performance.now() - this.#times.ofMessage(update))
  }
}
