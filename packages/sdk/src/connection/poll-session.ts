import type { SyncAnswer, Update } from '@parley/protocol'
import type { Api } from '../http/api.ts'
import type { Clock } from '../lib/environment.ts'
import { wait } from '../lib/wait.ts'
import type { SendResult } from '../outbox/sender.ts'
import type { OutboxItem } from '../store/records.ts'
import type { Start } from '../sync/source.ts'
import type { Way } from './way.ts'

export interface PollEvents {
  /** A poll leaves; passing a cursor acknowledges what lies before it. */
  asked(cursor: string | undefined): void
  /** The first answer is there. Resolves when updates may follow. */
  begin(start: Start): Promise<void>
  update(pos: string, update: Update): void
  /** Resolves when all before is applied and the cursor is stored. */
  cursor(pos: string): Promise<void>
  live(pos: string): void
}

const waitSeconds = 25
const limit = 200

/** Updates by long poll, requests by HTTP (rule L1): where sockets do not get through. */
export class PollSession implements Way {
  /** Requests over HTTP have no order among them: one at a time in each conversation. */
  readonly pipelined = false
  readonly window = 8
  readonly #api
  readonly #clock

  constructor(api: Api, clock: Clock) {
    this.#api = api
    this.#clock = clock
  }

  /** Goes on until `signal` is aborted or a poll fails. `cursor` is read anew for each, and again after a reset. */
  async run(cursor: () => string | undefined, events: PollEvents, signal: AbortSignal): Promise<void> {
    let begun = false
    let live = false
    let quickOnes = 0
    for (;;) {
      const from = cursor()
      const started = this.#clock.now()
      const seconds = begun && live ? waitSeconds : 0
      const query = { ...(from !== undefined && { cursor: from }), wait: seconds, limit }
      events.asked(from)
      const answer = await this.#api.sync(query, { signal })
      const start = { cursor: answer.cursor, resume: answer.resume }
      if (!begun || answer.resume === 'reset') await events.begin(start)
      begun = true
      await this.#apply(answer, events)
      signal.throwIfAborted()
      if (answer.live && !live) events.live(answer.cursor)
      live ||= answer.live
      // A server that stops sends everybody back once. Again: something answers at once what should wait, no busy loop.
      const quick = seconds > 0 && answer.updates.length === 0 && this.#clock.now() - started < 1000
      quickOnes = quick ? quickOnes + 1 : 0
      if (quickOnes > 1) await wait(this.#clock, 1000, signal)
    }
  }

  async submit(item: OutboxItem): Promise<SendResult> {
    const { conversation, clientMessageId } = item
    switch (item.kind) {
      case 'send': {
        const { content, replyTo, mentions } = item
        const extras = { ...(replyTo !== undefined && { replyTo }), ...(mentions && { mentions }) }
        return this.#api.send(conversation, { clientMessageId, content, ...extras })
      }
      case 'edit':
        return this.#api.edit(conversation, item.seq, { content: item.content, clientMessageId })
      case 'delete':
        await this.#api.delete(conversation, item.seq, item.for)
        return {}
      case 'react':
        return this.#api.react(conversation, item.seq, { emoji: item.emoji, clientMessageId })
    }
  }

  read(conversation: string, seq: number): Promise<void> {
    return this.#api.read(conversation, seq)
  }

  typing(): void {}

  presence(): void {}

  async #apply(answer: SyncAnswer, events: PollEvents): Promise<void> {
    for (const { pos, update } of answer.updates) events.update(pos, update)
    await events.cursor(answer.cursor)
  }
}
