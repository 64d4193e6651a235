import type { ConversationId } from '@parley/protocol'
import { Lru } from '../../lib/lru.ts'
import type { AppendBatch } from '../../log/conversation-log.ts'
import { sendKeyOf } from './log-rows.ts'
import type { SendRow, Sends } from './sends.ts'

/** Sends that are copied together. */
const together = 500
/** Busy conversations; of the others buckets are copied when they are full. */
const conversations = 256

/** A bucket that this node opened, as long as nobody else appended to it. */
interface Filling {
  bucket: number
  head: number
  waiting: SendRow[]
  /** Rejects when something was not copied. */
  copying: Promise<void>
}

/** Copies the sends of a bucket while it fills, so that the next one opens without a pause. */
export class SendCopies {
  readonly #sends
  #filling = new Lru<ConversationId, Filling>(conversations)

  constructor(sends: Sends) {
    this.#sends = sends
  }

  appended(batch: AppendBatch, bucket: number, opens: boolean): void {
    const { conversation, expect, head } = batch
    const known = this.#filling.get(conversation)
    const goesOn = known?.bucket === bucket && known.head === expect
    if (!goesOn) this.#filling.delete(conversation)
    if (!goesOn && !opens) return
    const filling = known && goesOn ? known : { bucket, head: 0, waiting: [], copying: Promise.resolve() }
    filling.head = head.seq
    filling.waiting.push(...rowsOf(batch))
    if (filling.waiting.length >= together) this.#copy(conversation, filling)
    this.#filling.set(conversation, filling)
  }

  /** @returns false when not everything up to `head` is copied, as far as this node knows */
  async finish(conversation: ConversationId, bucket: number, head: number): Promise<boolean> {
    const filling = this.#filling.get(conversation)
    if (filling?.bucket !== bucket || filling.head !== head) return false
    this.#copy(conversation, filling)
    return filling.copying.then(
      () => true,
      () => false,
    )
  }

  #copy(conversation: ConversationId, filling: Filling): void {
    const rows = filling.waiting
    filling.waiting = []
    filling.copying = filling.copying.then(() => this.#sends.copy(conversation, rows))
    filling.copying.catch(() => {})
  }
}

function rowsOf({ entries }: AppendBatch): SendRow[] {
  return entries.flatMap((entry) => {
    const key = sendKeyOf(entry)
    if (key === undefined) return []
    const { seq, id, at, fingerprint } = entry
    return [{ key, first_seq: seq, id, at, fingerprint: Buffer.from(fingerprint ?? '', 'hex') }]
  })
}
