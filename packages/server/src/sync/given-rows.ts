import type { ConversationId } from '@parley/protocol'
import { hash48 } from '../lib/hash.ts'
import type { QueuePosition } from './place.ts'

const capacity = 1024
/** What a cursor carries: so many, and so much text, that it fits into a `hello` (2 KiB). */
const carried = { items: 128, text: 1600 }
const item = /^[\w-]{8}([1-9a-z][0-9a-z]{0,8})?$/

/** Rows that lie where others may still appear. */
interface Near {
  /** Keys of conversations, and of small updates. */
  conversations: Set<string>
  updates: Set<string>
}

const nothing = (): Near => ({ conversations: new Set(), updates: new Set() })
const itself = (name: string): string => name

/**
 * What a reader gave, so that it is not given again when it is read again: of each conversation up to which seq, as
 * entries go out in seq order; of small updates which rows. Bounded: what is forgotten is given again.
 */
export class GivenRows {
  readonly #keyOf
  /** The one touched last is last. */
  #seqs = new Map<string, number>()
  #near = nothing()
  /** The same as the read that is under way finds it. */
  #next: Near | undefined

  private constructor(keyOf: (name: string) => string) {
    this.#keyOf = keyOf
  }

  /** For one session, in memory only. */
  static empty(): GivenRows {
    return new GivenRows(itself)
  }

  /** As a poll's cursor says (`text`); what cannot be read was not given. */
  static parse(text: string): GivenRows {
    const given = new GivenRows(hash48)
    for (const one of text.split('.')) {
      if (!item.test(one)) continue
      const key = one.slice(0, 8)
      if (one.length === 8) given.#near.updates.add(key)
      else {
        given.#seqs.set(key, Number.parseInt(one.slice(8), 36))
        given.#near.conversations.add(key)
      }
    }
    return given
  }

  /** The last entry given of a conversation. */
  seqOf(conversation: ConversationId): number | undefined {
    return this.#seqs.get(this.#keyOf(conversation))
  }

  hasUpdate(position: QueuePosition): boolean {
    return this.#near.updates.has(this.#keyOf(position))
  }

  gaveEntries(conversation: ConversationId, upTo: number, near: boolean): void {
    const key = this.#keyOf(conversation)
    const known = this.#seqs.get(key) ?? 0
    this.#seqs.delete(key)
    this.#seqs.set(key, Math.max(known, upTo))
    if (near) {
      this.#near.conversations.add(key)
      this.#next?.conversations.add(key)
    }
    if (this.#seqs.size > capacity) this.#forgetOldest()
  }

  gaveUpdate(position: QueuePosition): void {
    const key = this.#keyOf(position)
    const { updates } = this.#near
    updates.add(key)
    this.#next?.updates.add(key)
    if (updates.size > capacity) updates.delete(first(updates))
  }

  /** A read found again what was given. */
  metEntries(conversation: ConversationId): void {
    const key = this.#keyOf(conversation)
    const seq = this.#seqs.get(key)
    if (seq === undefined) return
    this.#seqs.delete(key)
    this.#seqs.set(key, seq)
    this.#next?.conversations.add(key)
  }

  metUpdate(position: QueuePosition): void {
    this.#next?.updates.add(this.#keyOf(position))
  }

  beginRead(): void {
    this.#next = nothing()
  }

  /** What the read did not find lies behind it by now. */
  endRead(): void {
    if (this.#next) this.#near = this.#next
    this.#next = undefined
  }

  /** For the cursor of a poll. `complete`: all that is near is in it; else the small updates are not. */
  text(): { text: string; complete: boolean } {
    if (this.#keyOf === itself) return { text: '', complete: true }
    const { conversations, updates } = this.#near
    const items: string[] = []
    let length = 0
    const fits = (one: string): boolean => {
      if (items.length === carried.items || length + one.length >= carried.text) return false
      items.push(one)
      length += one.length + 1
      return true
    }
    const seqs = [...this.#seqs].reverse().map(([key, seq]) => ({ key, text: key + seq.toString(36) }))
    let complete = seqs.filter(({ key }) => conversations.has(key)).every(({ text }) => fits(text))
    const known = items.length
    complete &&= [...updates].every(fits)
    if (!complete) items.length = known
    else for (const { key, text } of seqs) if (!conversations.has(key) && !fits(text)) break
    return { text: items.join('.'), complete }
  }

  #forgetOldest(): void {
    const key = first(this.#seqs.keys())
    this.#seqs.delete(key)
    this.#near.conversations.delete(key)
    this.#next?.conversations.delete(key)
  }
}

function first(keys: Iterable<string>): string {
  for (const key of keys) return key
  return ''
}
