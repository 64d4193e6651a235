import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Update } from '@parley/protocol'
import { cpuSeconds } from '../measure/process-tree.ts'
import { inLanes } from './api.ts'
import { LoadSession } from './load-session.ts'
import { messageText } from './texts.ts'
import type { Endpoint } from './wire-socket.ts'

export interface CatchUpPlan {
  receiver: string
  /** Each has one conversation with the receiver. */
  senders: readonly { token: string; conversation: string }[]
}

export interface CatchUpRound {
  messages: number
  /** From the first byte of the connection to the pong behind the last ack. */
  ms: number
  cpuSeconds: number
  failures: string[]
}

const outstanding = 16
const patienceMs = 30_000

/** W5: a device is offline while messages come from several peers; then it connects and acknowledges all. */
export class CatchUpLoad {
  readonly #endpoint: Endpoint
  readonly #plan: CatchUpPlan
  #cursor = ''

  constructor(endpoint: Endpoint, plan: CatchUpPlan) {
    this.#endpoint = endpoint
    this.#plan = plan
  }

  /** The device's first connection, for its cursor. */
  async begin(): Promise<void> {
    const session = await LoadSession.open(this.#endpoint, { token: this.#plan.receiver })
    this.#cursor = session.cursor
    session.close()
  }

  async round(messages: number, serverPid: number): Promise<CatchUpRound> {
    await this.#send(messages)
    // What the server does behind the sends (receipts, indexing) is not part of catching up.
    await delay(2500)
    const cpu = cpuSeconds(serverPid)
    const began = performance.now()
    const failures = await this.#catchUp(messages)
    const ms = performance.now() - began
    await delay(50)
    return { messages, ms, cpuSeconds: cpuSeconds(serverPid) - cpu, failures }
  }

  async #send(messages: number): Promise<void> {
    const { senders } = this.#plan
    await inLanes(senders.length, senders.length, async (index) => {
      const sender = senders[index]!
      const share = Math.floor(messages / senders.length) + (index < messages % senders.length ? 1 : 0)
      await sendAll(this.#endpoint, sender, share)
    })
  }

  async #catchUp(messages: number): Promise<string[]> {
    const received = new Set<string>()
    const failures = new Set<string>()
    const done = Promise.withResolvers<void>()
    let session: LoadSession | undefined
    let pos: string | undefined
    const acknowledge = () => {
      if (pos === undefined || !session) return
      this.#cursor = pos
      session.ack(pos)
      pos = undefined
      if (received.size >= messages) session.send('{"t":"ping"}')
    }
    const opened = LoadSession.open(
      this.#endpoint,
      { token: this.#plan.receiver, cursor: this.#cursor },
      {
        opened: (opening) => {
          session = opening
        },
        event: (at: string, update: Update) => {
          pos = at
          if (update.kind === 'message') received.add(`${update.conversation} ${update.seq}`)
        },
        drained: acknowledge,
        pong: () => {
          if (received.size >= messages) done.resolve()
        },
        error: (frame) => failures.add(`error ${frame.code}: ${frame.message}`),
        closed: (reason) => done.reject(new Error(reason)),
      },
    )
    const late = new AbortController()
    const timeout = delay(patienceMs, undefined, { signal: late.signal }).then(
      () => failures.add(`${messages} expected, ${received.size} received in ${patienceMs / 1000} s`),
      () => undefined,
    )
    await Promise.race([Promise.all([opened, done.promise]), timeout])
    late.abort()
    if (session?.resume !== 'ok') failures.add(`resume was answered "${session?.resume}"`)
    if (received.size > messages) failures.add(`${messages} sent, ${received.size} received`)
    session?.close()
    return [...failures]
  }
}

async function sendAll(
  endpoint: Endpoint,
  sender: { token: string; conversation: string },
  count: number,
): Promise<void> {
  const done = Promise.withResolvers<void>()
  let sent = 0
  let answered = 0
  const next = () => {
    sent += 1
    session.send(
      `{"t":"send","ref":${sent},"conversation":"${sender.conversation}","clientMessageId":"${randomUUID()}",` +
        `"content":{"text":"${messageText(sent)}"}}`,
    )
  }
  const session = await LoadSession.open(
    endpoint,
    { token: sender.token },
    {
      ok: () => {
        answered += 1
        if (answered === count) done.resolve()
        else if (sent < count) next()
      },
      event: (pos) => session.ack(pos),
      error: (frame) => done.reject(new Error(`error ${frame.code}: ${frame.message}`)),
      closed: (reason) => done.reject(new Error(reason)),
    },
  )
  while (sent < Math.min(outstanding, count)) next()
  session.flush()
  if (count > 0) await done.promise
  session.close()
}
