import type { ConversationId } from '@parley/protocol'
import type { MessageSearch, SearchDocument, SearchHit } from '../../messages/message-search.ts'
import { PostgresMarkStore } from './mark-store.ts'
import type { Shards } from './shards.ts'
import { conversationWord, tsquery, wordsOf } from './words.ts'

/** Conversations that one query names. */
const chunk = 500
/** The key under which the indexer's position is kept. */
const positionKey = 'search'

const put = {
  name: 'documents-put',
  text: `
INSERT INTO documents (conversation, seq, id, words)
SELECT conversation, seq, id, array_to_tsvector(string_to_array(words, ' '))
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]) AS given (conversation, seq, id, words)
ORDER BY conversation, seq
ON CONFLICT (conversation, seq) DO UPDATE SET id = excluded.id, words = excluded.words`,
}
const remove = {
  name: 'documents-remove',
  text: `
DELETE FROM documents USING unnest($1::text[], $2::bigint[]) AS given (conversation, seq)
WHERE documents.conversation = given.conversation AND documents.seq = given.seq`,
}
const find = `
SELECT conversation, seq, id::text AS id FROM documents
WHERE words @@ $1::tsquery AND conversation = ANY($2::text[]) ORDER BY documents.id DESC LIMIT $3`

/** Words in a GIN index, in the shard of the conversation. */
export class PostgresMessageSearch implements MessageSearch {
  readonly #shards
  readonly #marks

  constructor(shards: Shards) {
    this.#shards = shards
    this.#marks = new PostgresMarkStore(shards)
  }

  /** The position moves behind the documents: what was begun is done again. */
  async index(documents: readonly SearchDocument[], position: string | undefined): Promise<void> {
    // The last word on a message counts, as if they came one after the other.
    const newest = new Map(documents.map((one) => [`${one.seq} ${one.conversation}`, one]))
    for (const [{ database }, some] of this.#shards.group([...newest.values()], (one) => one.conversation)) {
      const [kept, gone] = [
        some.filter(({ text }) => text !== undefined),
        some.filter(({ text }) => text === undefined),
      ]
      if (kept.length > 0) await database.run(put, [...placesOf(kept), kept.map(({ id }) => id), kept.map(wordsIn)])
      if (gone.length > 0) await database.run(remove, placesOf(gone))
    }
    if (position !== undefined) await this.#marks.set(positionKey, position)
  }

  position(): Promise<string | undefined> {
    return this.#marks.get(positionKey)
  }

  async search(query: string, conversations: readonly ConversationId[], limit: number): Promise<SearchHit[]> {
    const words = wordsOf(query)
    const hits: (SearchHit & { id: string })[] = []
    for (const [shard, all] of this.#shards.group(conversations, (one) => one)) {
      for (let start = 0; start < all.length; start += chunk) {
        const some = all.slice(start, start + chunk)
        const match = tsquery(words, some)
        if (match === undefined) return []
        hits.push(...(await shard.read((one) => one.plan<SearchHit & { id: string }>(find, [match, some, limit]))))
      }
    }
    hits.sort((a, b) => b.id.length - a.id.length || (a.id < b.id ? 1 : -1))
    return hits.slice(0, limit).map(({ conversation, seq }) => ({ conversation, seq }))
  }
}

function placesOf(documents: readonly SearchDocument[]): [string[], number[]] {
  return [documents.map((one) => one.conversation), documents.map((one) => one.seq)]
}

const wordsIn = ({ conversation, text = '' }: SearchDocument): string =>
  [...wordsOf(text), conversationWord(conversation)].join(' ')
