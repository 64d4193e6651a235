import type { Content } from '@parley/protocol'
import type { Entry } from '../log/entry.ts'
import type { SearchDocument } from './message-search.ts'

/** What entries make of the search, in their order. */
export function documentsOf(entries: readonly Entry[]): SearchDocument[] {
  return entries.filter(isIndexed).map(toDocument)
}

const isIndexed = ({ kind }: Entry): boolean => kind === 'message' || kind === 'edit' || kind === 'delete'

function toDocument(entry: Entry): SearchDocument {
  const { conversation, id } = entry
  const { target, content } = JSON.parse(entry.body) as { target?: number; content?: Content }
  const seq = target ?? entry.seq
  return { conversation, seq, id, text: entry.kind === 'delete' ? undefined : content && textOf(content) }
}

/** Words that a message can be found by. */
function textOf(content: Content): string | undefined {
  const words = [
    content.text,
    content.media?.caption,
    content.media?.name,
    content.location?.name,
    content.contact?.name,
  ]
  const text = words.filter((part) => part !== undefined).join('\n')
  return text === '' ? undefined : text
}
