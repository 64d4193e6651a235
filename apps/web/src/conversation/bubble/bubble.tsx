import type { OutboxItem } from '@parley/client'
import type { Message } from '@parley/protocol'
import { memo, type ReactNode } from 'react'
import { useUser } from '../../client/use-user.ts'
import { classes } from '../../design/classes.ts'
import { previewOf } from '../../inbox/preview.ts'
import { useLanguage, useWords } from '../../words/words.ts'
import { Ticks } from './ticks.tsx'

export const Bubble = memo(function Bubble({
  message,
  own,
  group,
}: {
  message: Message
  own: boolean
  group: boolean
}) {
  const words = useWords()
  const sender = useUser(group && !own ? message.sender : undefined)
  return (
    <Frame own={own} at={message.sentAt} ticks={own && <Ticks message={message} />}>
      {sender && <bdi className="block truncate text-sm font-semibold text-link">{sender.displayName}</bdi>}
      <span
        dir="auto"
        className={classes('whitespace-pre-wrap wrap-anywhere', message.deletedAt !== undefined && 'text-muted italic')}
      >
        {previewOf(message, words)}
      </span>
    </Frame>
  )
})

export const PendingBubble = memo(function PendingBubble({ item }: { item: Extract<OutboxItem, { kind: 'send' }> }) {
  return (
    <Frame own at={item.createdAt} ticks={<Ticks />}>
      <span dir="auto" className="whitespace-pre-wrap wrap-anywhere">
        {'text' in item.content ? item.content.text : ''}
      </span>
    </Frame>
  )
})

function Frame({ own, at, ticks, children }: { own: boolean; at: number; ticks: ReactNode; children: ReactNode }) {
  const language = useLanguage()
  return (
    <article
      className={classes(
        'max-w-[85%] rounded-bubble px-3 py-2 shadow-raised wide:max-w-[70%]',
        own ? 'self-end rounded-br-md bg-bubble-own' : 'self-start rounded-bl-md bg-bubble',
      )}
    >
      {children}
      <span className="float-right mt-1.5 ml-3 flex items-center gap-1 text-xs text-muted">
        <time dateTime={new Date(at).toISOString()}>
          {new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(at)}
        </time>
        {ticks}
      </span>
    </article>
  )
}
