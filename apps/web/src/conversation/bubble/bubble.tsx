import type { Message } from '@parley/protocol'
import { memo } from 'react'
import { useUser } from '../../client/use-user.ts'
import { classes } from '../../design/classes.ts'
import { ForwardIcon, PinIcon, StarIcon } from '../../design/icons.tsx'
import { progressOf, Ticks } from '../../design/ticks.tsx'
import { useWords } from '../../words/words.ts'
import { MessageActions } from '../actions/message-actions.tsx'
import { Content } from './content.tsx'
import { Frame } from './frame.tsx'
import { Quote } from './quote.tsx'
import { Reactions } from './reactions.tsx'

/** A message as it stands in the log, with what amends it. */
export const Bubble = memo(function Bubble(props: {
  message: Message
  own: boolean
  group: boolean
  first: boolean
  last: boolean
  marked: boolean
  pinned: boolean
}) {
  const { message, own, group, first, last, marked, pinned } = props
  const words = useWords().conversation
  const sender = useUser(group && !own && first ? message.sender : undefined)
  const deleted = message.deletedAt !== undefined
  return (
    <div className={classes('group/row flex flex-col', own ? 'items-end' : 'items-start', last ? 'pb-2' : 'pb-0.5')}>
      <Frame
        own={own}
        last={last}
        marked={marked}
        seq={message.seq}
        at={message.sentAt}
        meta={
          <>
            {pinned && <Mark label={words.pinned} icon={<PinIcon size={12} />} />}
            {message.starredAt !== undefined && <Mark label={words.starred} icon={<StarIcon size={12} />} />}
            {message.editedAt !== undefined && !deleted && <span>{words.edited}</span>}
          </>
        }
        ticks={own && !deleted && <Ticks progress={progressOf(message)} />}
        actions={<MessageActions message={message} own={own} pinned={pinned} />}
      >
        {group && !own && first && (
          <bdi className="block max-w-full truncate font-semibold text-link text-sm" title={sender?.displayName}>
            {sender?.displayName || sender?.username || words.unknown}
          </bdi>
        )}
        {!deleted && 'forwarded' in message.content && message.content.forwarded && (
          <span className="flex items-center gap-1 text-muted text-xs">
            <ForwardIcon size={12} />
            {words.forwarded}
          </span>
        )}
        {!deleted && message.replyTo !== undefined && (
          <Quote conversation={message.conversation} seq={message.replyTo} />
        )}
        <Content message={message} />
      </Frame>
      {!deleted && message.reactions && <Reactions message={message} own={own} />}
    </div>
  )
})

function Mark({ label, icon }: { label: string; icon: React.ReactNode }) {
  return (
    <span title={label} className="inline-flex">
      {icon}
      <span className="sr-only">{label}</span>
    </span>
  )
}
