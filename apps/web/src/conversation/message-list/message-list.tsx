import type { Conversation } from '@parley/client'
import { useEffect, useLayoutEffect, useRef } from 'react'
import { useCalls, useMe } from '../../client/device-context.ts'
import { usePending } from '../../client/use-conversations.ts'
import { useMessages } from '../../client/use-messages.ts'
import { useWords } from '../../words/words.ts'
import { Bubble, PendingBubble } from '../bubble/bubble.tsx'

export function MessageList({ conversation }: { conversation: Conversation }) {
  const words = useWords()
  const calls = useCalls()
  const me = useMe()
  const { id, head, unread } = conversation
  const { items, older, loadOlder } = useMessages(id)
  const pending = usePending(id)
  const scroller = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  useLayoutEffect(() => {
    const shown = items.length + pending.length
    if (shown > 0 && atEnd.current && scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight
  }, [items, pending])
  useEffect(() => {
    if (unread > 0 && document.visibilityState === 'visible' && atEnd.current) void calls.conversation(id).read(head)
  }, [calls, id, head, unread])
  return (
    <div
      ref={scroller}
      role="log"
      aria-label={words.conversation.messages}
      onScroll={({ currentTarget }) => {
        const { scrollTop, scrollHeight, clientHeight } = currentTarget
        atEnd.current = scrollHeight - scrollTop - clientHeight < 40
        if (scrollTop < 400 && older === 'some') void loadOlder()
      }}
      className="flex min-h-0 flex-1 flex-col gap-1 overflow-y-auto px-3 py-4 wide:px-6"
    >
      <div className="flex-1" />
      {items.map((message) => (
        <Bubble
          key={message.clientMessageId ?? message.id}
          message={message}
          own={message.sender === me}
          group={conversation.kind === 'group'}
        />
      ))}
      {pending.map((item) => item.kind === 'send' && <PendingBubble key={item.clientMessageId} item={item} />)}
    </div>
  )
}
