import type { ConversationId, UserId } from '@parley/protocol'

export interface Typist {
  user: UserId
  state: 'typing' | 'recording'
}

/** ms after which somebody who says nothing more has stopped. */
const forgottenAfter = 7000
const nobody: readonly Typist[] = []

/** Who is writing where, as long as they say so. */
export class Typing {
  readonly #by = new Map<ConversationId, readonly Typist[]>()
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()
  readonly #listeners = new Set<(conversation: ConversationId) => void>()

  of(conversation: ConversationId): readonly Typist[] {
    return this.#by.get(conversation) ?? nobody
  }

  on(listener: (conversation: ConversationId) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  told(conversation: ConversationId, user: UserId, state: Typist['state'] | 'idle'): void {
    const key = `${conversation} ${user}`
    clearTimeout(this.#timers.get(key))
    this.#timers.delete(key)
    const before = this.of(conversation)
    const known = before.find((typist) => typist.user === user)
    if (state === 'idle') {
      if (known)
        this.#set(
          conversation,
          before.filter((typist) => typist !== known),
        )
      return
    }
    this.#timers.set(
      key,
      setTimeout(() => this.told(conversation, user, 'idle'), forgottenAfter),
    )
    if (known?.state === state) return
    this.#set(conversation, [...before.filter((typist) => typist !== known), { user, state }])
  }

  #set(conversation: ConversationId, typists: readonly Typist[]): void {
    if (typists.length === 0) this.#by.delete(conversation)
    else this.#by.set(conversation, typists)
    for (const listener of [...this.#listeners]) listener(conversation)
  }
}
