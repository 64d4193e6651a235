import type { ConversationId } from '@parley/protocol'
import type { MessageSearch, SearchDocument, SearchHit } from '../../messages/message-search.ts'
import { type MemoryStores, pairKey } from './stores.ts'

export class MemoryMessageSearch implements MessageSearch {
  readonly #stores: MemoryStores

  constructor(stores: MemoryStores) {
    this.#stores = stores
  }

  async index(documents: readonly SearchDocument[], position: string | undefined): Promise<void> {
    for (const document of documents) {
      const key = pairKey(document.conversation, String(document.seq))
      if (document.text === undefined) this.#stores.documents.delete(key)
      else this.#stores.documents.set(key, document)
    }
    if (position !== undefined) this.#stores.indexed = position
  }

  async position(): Promise<string | undefined> {
    return this.#stores.indexed
  }

  async search(query: string, conversations: readonly ConversationId[], limit: number): Promise<SearchHit[]> {
    const whole = words(query)
    const last = whole.pop()
    if (last === undefined) return []
    const hits = [...this.#stores.documents.values()].filter((document) => {
      if (!conversations.includes(document.conversation)) return false
      const held = words(document.text ?? '')
      return whole.every((word) => held.includes(word)) && held.some((word) => word.startsWith(last))
    })
    hits.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1))
    return hits.slice(0, limit).map(({ conversation, seq }) => ({ conversation, seq }))
  }
}

function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}
