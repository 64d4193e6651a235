import type { Clock } from '../lib/clock.ts'
import { linkTopic, type NodeLink } from './node-link.ts'

/** Milliseconds until an answer is not waited for any more. */
const patience = 2000
const sweepTime = 250
/** Questions that may be without an answer, all nodes together. */
const capacity = 16_384

/** No answer will be heard: whether it was done is not known. */
export const lost = Symbol('lost')

const callTopic = linkTopic<[ref: number, method: string, args: unknown]>('call', 'request')
const answerTopic = linkTopic<[ref: number, answer: unknown]>('answer', 'request')

interface Asked {
  node: string
  at: number
  settle: (answer: unknown) => void
}

type Answerer = (args: never, from: string, reply: (answer: unknown) => void) => void

/** Questions to other nodes. Those to one node arrive in order; each is settled once, by its answer or as lost. */
export class NodeCalls {
  readonly #link
  readonly #clock
  #ref = 0
  /** In the order asked. */
  #asked = new Map<number, Asked>()
  #answerers = new Map<string, Answerer>()
  readonly #sweeper

  constructor(link: NodeLink, clock: Clock) {
    this.#link = link
    this.#clock = clock
    this.#sweeper = clock.every(sweepTime, () => this.#sweep())
    link.watch({ down: (node) => this.#lose((asked) => asked.node === node) })
    link.listen(answerTopic, ([ref, answer]) => {
      const asked = this.#asked.get(ref)
      this.#asked.delete(ref)
      asked?.settle(answer)
    })
    link.listen(callTopic, ([ref, method, args], from) => {
      const reply = (answer: unknown): void => void link.send(from, answerTopic, [ref, answer])
      // A method that is not known here is one of a later version: nobody answers.
      this.#answerers.get(method)?.(args as never, from, reply)
    })
  }

  /** `reply` may be called at once or later. */
  answer<Args>(method: string, answer: (args: Args, from: string, reply: (answer: unknown) => void) => void): void {
    this.#answerers.set(method, answer as Answerer)
  }

  /** Calls `settle` later, never before it returns, unless it returns false: then nothing was asked. */
  ask(node: string, method: string, args: unknown, settle: (answer: unknown) => void): boolean {
    if (this.#asked.size >= capacity || !this.#link.isUp(node)) return false
    const ref = ++this.#ref
    if (!this.#link.send(node, callTopic, [ref, method, args])) return false
    this.#asked.set(ref, { node, at: this.#clock.monotonic(), settle })
    return true
  }

  /** Whatever is asked has no answer any more. */
  close(): void {
    this.#sweeper.cancel()
    this.#lose(() => true)
  }

  #sweep(): void {
    if (this.#asked.size === 0) return
    const late = this.#clock.monotonic() - patience
    this.#lose(({ at }) => at <= late)
  }

  #lose(isLost: (asked: Asked) => boolean): void {
    for (const [ref, asked] of [...this.#asked]) {
      if (!isLost(asked) || !this.#asked.delete(ref)) continue
      asked.settle(lost)
    }
  }
}
