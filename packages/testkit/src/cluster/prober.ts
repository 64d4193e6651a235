import { RawApi, register } from '../raw-api.ts'

interface Answer {
  status: number
  /** Milliseconds until it came. */
  took: number
  /** Seconds. */
  retryAfter: number
}

/** Milliseconds between two sends. */
const period = 200

/** Somebody who sends every moment, whatever happens, and notes how each send was answered; refused ones go again. */
export class Prober {
  readonly answers: Answer[] = []
  readonly #url
  readonly #send: (clientMessageId: string) => Promise<Answer>
  #running: Promise<void> | undefined
  #closed = false

  private constructor(url: () => string, send: (url: string, clientMessageId: string) => Promise<Answer>) {
    this.#url = url
    this.#send = (clientMessageId) => send(this.#url(), clientMessageId)
  }

  /** `url` is asked for each send. */
  static async start(url: () => string): Promise<Prober> {
    const account = await register(url())
    const chat = await new RawApi(url(), account.token).direct((await register(url())).user)
    const prober = new Prober(url, async (at, clientMessageId) => {
      const began = performance.now()
      const path = `/v1/conversations/${chat.id}/messages`
      const body = { clientMessageId, content: { text: 'hello' } }
      const { status, headers } = await new RawApi(at, account.token).request('POST', path, body)
      return { status, took: performance.now() - began, retryAfter: Number(headers.get('retry-after') ?? 0) }
    })
    prober.#running = prober.#run()
    return prober
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  /** What was not as it should be: an answer after more than `within` ms, a refusal that does not say when to come back. */
  wrong(within: number): Answer[] {
    return this.answers.filter(({ status, took, retryAfter }) => {
      const stored = status === 200 || status === 201
      return took > within || !(stored || (status === 503 && retryAfter > 0))
    })
  }

  get refused(): number {
    return this.answers.filter(({ status }) => status === 503).length
  }

  async #run(): Promise<void> {
    for (let number = 0; !this.#closed; ) {
      const answer = await this.#send(`probe-${number}`)
      this.answers.push(answer)
      if (answer.status !== 503) number++
      await new Promise((resolve) => setTimeout(resolve, period))
    }
  }
}
