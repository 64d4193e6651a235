import type { Conversation as Known } from '@parley/client'
import type { ConversationId } from '@parley/protocol'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useSearchParams } from 'wouter'
import { useMe } from '../client/device-context.ts'
import { useConversation } from '../client/use-conversations.ts'
import { useDraft } from '../client/use-shared.ts'
import { EmptyState } from '../design/empty-state.tsx'
import { ChatIcon } from '../design/icons.tsx'
import { DropZone } from '../media/drop-zone.tsx'
import { useSendFiles } from '../media/use-send-files.ts'
import { useWords } from '../words/words.ts'
import { Composer } from './composer/composer.tsx'
import { type ConversationView, ConversationViewProvider, type Opened, type Writing } from './conversation-view.ts'
import { Header } from './header.tsx'
import { MessageList, type MessageListHandle } from './message-list/message-list.tsx'
import { PinnedBar } from './pinned-bar.tsx'

const Overlay = lazy(async () => ({ default: (await import('./overlay.tsx')).Overlay }))

export function Conversation({ id }: { id: ConversationId }) {
  const words = useWords()
  const conversation = useConversation(id)
  if (!conversation) return <EmptyState icon={<ChatIcon size={30} />} title={words.conversation.gone} />
  return <OpenConversation conversation={conversation} />
}

function OpenConversation({ conversation }: { conversation: Known }) {
  const me = useMe()
  const sending = useSendFiles(conversation.id)
  const list = useRef<MessageListHandle>(null)
  const [opened, open] = useState<Opened>()
  const [writing, write] = useState<Writing>({ kind: 'new' })
  const [draft, setDraft] = useDraft(conversation.id)
  const text = draft?.text ?? ''
  const reply = useCallback(
    (seq: number | undefined) => {
      write({ kind: 'new' })
      setDraft({ text, ...(seq !== undefined && { replyTo: seq }) })
    },
    [setDraft, text],
  )
  const jump = useCallback((seq: number) => list.current?.jump(seq), [])
  const view = useMemo<ConversationView>(
    () => ({ conversation, me, opened, open, writing, write, reply, jump }),
    [conversation, me, opened, writing, reply, jump],
  )
  // Where a search result leads: /c/<id>?at=<seq>.
  const [parameters, setParameters] = useSearchParams()
  const at = Number(parameters.get('at'))
  useEffect(() => {
    if (!(at > 0)) return
    jump(at)
    setParameters({}, { replace: true })
  }, [at, jump, setParameters])
  return (
    <ConversationViewProvider value={view}>
      <div className="flex h-full flex-col">
        <Header />
        {conversation.pins && <PinnedBar />}
        <DropZone onFiles={(files) => void sending.files(files)}>
          <MessageList handle={list} />
        </DropZone>
        <Composer onUp={() => list.current?.focusLast()} />
      </div>
      {opened && (
        <Suspense>
          <Overlay opened={opened} />
        </Suspense>
      )}
    </ConversationViewProvider>
  )
}
