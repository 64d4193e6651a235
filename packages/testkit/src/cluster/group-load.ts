import type { History } from '../history/history.ts'
import { type Account, RawApi } from '../raw-api.ts'

/** What became of the sends of one member. */
export interface SenderResult {
  /** When each was begun and answered `ok`, by `performance.now()`. */
  sends: { began: number; answered: number; node: string }[]
  /** Refusals and broken connections, after each of which the same message was sent again. */
  failures: number
}

/** Milliseconds until what was refused, or never answered, is sent again. */
const again = 100

/** A member who sends over HTTP, one message after the other, each until it is stored. */
export class GroupSender {
  readonly result: SenderResult = { sends: [], failures: 0 }
  readonly #account
  readonly #conversation
  readonly #history
  readonly #url
  readonly #name
  #count = 0

  /** `url` is asked for each request; `name` tells its messages from those of others of that account. */
  constructor(account: Account, conversation: string, history: History, url: () => string, name = 'first') {
    this.#account = account
    this.#conversation = conversation
    this.#history = history
    this.#url = url
    this.#name = name
  }

  async run(until: () => boolean): Promise<void> {
    while (!until()) await this.#send(`${this.#account.device}-${this.#name}-${++this.#count}`)
  }

  async #send(clientMessageId: string): Promise<void> {
    const { user, device, token } = this.#account
    const conversation = this.#conversation
    const content = { text: `${user} says ${clientMessageId}` }
    const about = { user, device, conversation, clientMessageId }
    this.#history.add({ type: 'sent', ...about, content, over: 'http' })
    for (;;) {
      const [url, began] = [this.#url(), performance.now()]
      const path = `/v1/conversations/${conversation}/messages`
      const answer = await new RawApi(url, token)
        .request<{ seq: number; id: string; duplicate?: true }>('POST', path, { clientMessageId, content })
        .catch(() => undefined)
      if (answer && answer.status < 300) {
        const { seq, id, duplicate } = answer.body
        this.#history.add({ type: 'ok', ...about, seq, id, ...(duplicate ? { duplicate } : {}) })
        this.result.sends.push({ began, answered: performance.now(), node: url })
        return
      }
      if (answer && answer.status !== 503) throw new Error(`a send was answered ${JSON.stringify(answer)}`)
      this.result.failures++
      await new Promise((resolve) => setTimeout(resolve, again))
    }
  }
}

/** How evenly senders were served: answered sends of the least and the middle one, times of the middle and slowest send. */
export function fairness(results: readonly SenderResult[]) {
  const counts = results.map(({ sends }) => sends.length).sort((a, b) => a - b)
  const times = results
    .flatMap(({ sends }) => sends.map(({ began, answered }) => answered - began))
    .sort((a, b) => a - b)
  const middle = <Item>(items: readonly Item[]): Item => items[items.length >> 1] as Item
  return { least: counts[0] ?? 0, usual: middle(counts), median: middle(times), slowest: times.at(-1) ?? 0 }
}
