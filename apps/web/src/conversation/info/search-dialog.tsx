import type { Message } from '@parley/protocol'
import { useEffect, useState } from 'react'
import { useCalls } from '../../client/device-context.ts'
import { Dialog } from '../../design/dialog.tsx'
import { TextField } from '../../design/text-field.tsx'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'
import { FoundMessages } from './found-messages.tsx'

/** ms after the last letter. */
const pause = 250

/** Messages of this conversation that hold some words. */
export function SearchDialog() {
  const words = useWords()
  const calls = useCalls()
  const { conversation, open, jump } = useConversationView()
  const [query, setQuery] = useState('')
  const [found, setFound] = useState<readonly Message[]>()
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    const wanted = query.trim()
    setFound(undefined)
    setFailed(false)
    if (wanted === '') return
    const over = new AbortController()
    const timer = setTimeout(() => {
      calls
        .conversation(conversation.id)
        .search(wanted, { limit: 50, signal: over.signal })
        .then(setFound)
        .catch(() => over.signal.aborted || setFailed(true))
    }, pause)
    return () => {
      clearTimeout(timer)
      over.abort()
    }
  }, [calls, conversation.id, query])
  return (
    <Dialog open onClose={() => open(undefined)} title={words.conversation.findHere}>
      <div className="flex min-h-72 flex-col gap-2">
        <TextField
          label={words.inbox.search}
          value={query}
          onChange={({ target }) => setQuery(target.value)}
          error={failed ? words.conversation.failed : undefined}
        />
        {found && (
          <FoundMessages
            messages={found}
            empty={words.conversation.nothingFound}
            onChoose={({ seq }) => {
              open(undefined)
              jump(seq)
            }}
          />
        )}
      </div>
    </Dialog>
  )
}
