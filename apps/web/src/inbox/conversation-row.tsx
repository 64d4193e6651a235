import type { Conversation } from '@parley/client'
import { memo } from 'react'
import { Link } from 'wouter'
import { paths } from '../app/paths.ts'
import { useMe } from '../client/device-context.ts'
import { useUser } from '../client/use-user.ts'
import { Avatar } from '../design/avatar.tsx'
import { classes } from '../design/classes.ts'
import { useLanguage, useWords } from '../words/words.ts'
import { nameOf } from './name-of.ts'
import { previewOf } from './preview.ts'
import { shortWhen } from './when.ts'

export const ConversationRow = memo(function ConversationRow({
  conversation,
  selected,
}: {
  conversation: Conversation
  selected: boolean
}) {
  const words = useWords()
  const language = useLanguage()
  const { id, unread, lastMessage } = conversation
  const name = nameOf(conversation, words)
  return (
    <Link
      href={paths.conversation(id)}
      aria-current={selected ? 'page' : undefined}
      className={classes('flex h-18 items-center gap-3 rounded-xl px-3', selected ? 'bg-selected' : 'hover:bg-hover')}
    >
      <Avatar name={name} id={conversation.peer?.id ?? id} />
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="flex items-baseline gap-2">
          <bdi title={name} className="min-w-0 flex-1 truncate font-semibold">
            {name}
          </bdi>
          {lastMessage && (
            <time dateTime={new Date(lastMessage.sentAt).toISOString()} className="shrink-0 text-xs text-muted">
              {shortWhen(lastMessage.sentAt, Date.now(), language, words.inbox.yesterday)}
            </time>
          )}
        </span>
        <span className="flex items-center gap-2">
          <Preview conversation={conversation} />
          {unread > 0 && (
            <span className="flex h-5 min-w-5 shrink-0 items-center justify-center rounded-full bg-accent px-1.5 text-xs font-semibold text-on-accent">
              <span aria-hidden="true">{unread}</span>
              <span className="sr-only">{words.inbox.unread(unread)}</span>
            </span>
          )}
        </span>
      </span>
    </Link>
  )
})

function Preview({ conversation: { kind, lastMessage } }: { conversation: Conversation }) {
  const words = useWords()
  const me = useMe()
  const shown = kind === 'group' && lastMessage && lastMessage.sender !== me ? lastMessage.sender : undefined
  const sender = useUser(shown)
  if (!lastMessage) return <span className="min-w-0 flex-1 truncate text-muted">{words.inbox.nothingYet}</span>
  const who = lastMessage.sender === me ? words.inbox.you : sender?.displayName
  return (
    <span dir="auto" className="min-w-0 flex-1 truncate text-muted">
      {who !== undefined && (
        <>
          <bdi>{who}</bdi>:{' '}
        </>
      )}
      {previewOf(lastMessage, words)}
    </span>
  )
}
