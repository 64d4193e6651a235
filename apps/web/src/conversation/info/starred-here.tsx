import type { Message } from '@parley/protocol'
import { useEffect, useState } from 'react'
import { useCalls } from '../../client/device-context.ts'
import { Spinner } from '../../design/spinner.tsx'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'
import { FoundMessages } from './found-messages.tsx'

const pageSize = 50
/** Pages that are looked through for stars of this conversation. */
const mostPages = 10

/** What I starred in this conversation. */
export function StarredHere() {
  const words = useWords()
  const calls = useCalls()
  const { conversation, open, jump } = useConversationView()
  const [found, setFound] = useState<readonly Message[]>()
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    const load = async () => {
      const here: Message[] = []
      for (let cursor: string | undefined, page = 0; page < mostPages; page++) {
        const { items, next } = await calls.starred({ limit: pageSize, ...(cursor !== undefined && { cursor }) })
        here.push(...items.filter((message) => message.conversation === conversation.id))
        if (next === undefined) break
        cursor = next
      }
      setFound(here)
    }
    load().catch(() => setFailed(true))
  }, [calls, conversation.id])
  if (failed) return <p role="alert">{words.conversation.failed}</p>
  if (!found) return <Spinner label={words.app.loading} />
  return (
    <FoundMessages
      messages={found}
      empty={words.conversation.nothingStarred}
      onChoose={({ seq }) => {
        open(undefined)
        jump(seq)
      }}
    />
  )
}
