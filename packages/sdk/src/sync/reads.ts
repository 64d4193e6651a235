import type { ConversationId } from '@parley/protocol'
import type { Way } from '../connection/way.ts'
import type { Clock, Random } from '../lib/environment.ts'
import { isTransient } from '../lib/errors.ts'
import { retrying } from '../lib/retrying.ts'
import type { Replica } from '../store/replica.ts'
import { readUpTo } from './unread.ts'

/** My read watermarks: moved here at once, told to the server when there is a way to it, the last one only. */
export class Reads {
  readonly #replica
  readonly #tools
  readonly #onError
  #way: Way | undefined
  #over = new AbortController()
  readonly #busy = new Set<ConversationId>()

  constructor(deps: { replica: Replica; clock: Clock; random: Random; onError: (error: unknown) => void }) {
    this.#replica = deps.replica
    this.#onError = deps.onError
    this.#tools = { clock: deps.clock, random: deps.random }
  }

  /** Moves the watermark forward to `seq`, at most to the head; resolves when that is stored on this device. */
  async read(conversation: ConversationId, seq: number): Promise<void> {
    await this.#replica.transact(async (tx) => {
      const known = tx.conversation(conversation)
      const me = tx.session?.user.id
      if (!known || me === undefined) return
      const upTo = Math.min(seq, known.applied)
      if (upTo <= known.read) return
      tx.putConversation(await readUpTo(tx, known, me, upTo))
      tx.observe({ type: 'read', conversation, seq: upTo })
    })
    this.#tellInBackground(conversation)
  }

  attach(way: Way | undefined): void {
    this.#over.abort()
    this.#over = new AbortController()
    this.#way = way
    this.#busy.clear()
    if (!way) return
    for (const { id, read, readSent } of this.#replica.conversations.values())
      if (read > readSent) this.#tellInBackground(id)
  }

  #tellInBackground(conversation: ConversationId): void {
    this.#tell(conversation).catch(this.#onError)
  }

  async #tell(conversation: ConversationId): Promise<void> {
    const way = this.#way
    const { signal } = this.#over
    if (!way || this.#busy.has(conversation)) return
    this.#busy.add(conversation)
    for (;;) {
      const known = this.#replica.conversations.get(conversation)
      if (!known || known.read <= known.readSent) break
      const { read } = known
      try {
        await retrying(this.#tools, signal, () => way.read(conversation, read))
      } catch (error) {
        // Refused for good, as when I am no longer a member: not to be told again.
        if (signal.aborted || isTransient(error)) return
      }
      await this.#replica.transact((tx) => {
        const now = tx.conversation(conversation)
        if (now && now.readSent < read) tx.putConversation({ ...now, readSent: read })
      })
      if (signal.aborted) return
    }
    this.#busy.delete(conversation)
  }
}
