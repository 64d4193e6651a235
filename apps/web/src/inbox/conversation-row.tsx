import type { Conversation } from '@parley/client'
import { memo, type ReactNode } from 'react'
import { Link } from 'wouter'
import { paths } from '../app/paths.ts'
import { usePresence } from '../client/use-shared.ts'
import { IconButton } from '../design/button.tsx'
import { classes } from '../design/classes.ts'
import { MoreIcon, MutedIcon, PinIcon } from '../design/icons.tsx'
import { AvatarOf } from '../media/avatar-of.tsx'
import { useLanguage, useWords } from '../words/words.ts'
import { nameOf } from './name-of.ts'
import { isMuted } from './order.ts'
import { RowPreview } from './row-preview.tsx'
import { shortWhen } from './when.ts'

export interface RowProps {
  conversation: Conversation
  selected: boolean
  /** The one that Tab reaches. */
  current: boolean
  onMenu: (conversation: Conversation, anchor: HTMLElement) => void
}

export const ConversationRow = memo(function ConversationRow({ conversation, selected, current, onMenu }: RowProps) {
  const words = useWords()
  const { id, unread, peer, settings } = conversation
  const name = nameOf(conversation, words)
  const online = usePresence(peer?.id)?.status === 'online'
  const muted = isMuted(conversation, Date.now())
  return (
    <div
      className={classes(
        'group/row relative flex h-18 items-center rounded-xl transition-colors',
        selected ? 'bg-selected' : 'hover:bg-hover',
      )}
    >
      <Link
        href={paths.conversation(id)}
        aria-current={selected ? 'page' : undefined}
        tabIndex={current ? 0 : -1}
        data-row
        onContextMenu={(event) => {
          event.preventDefault()
          onMenu(conversation, event.currentTarget)
        }}
        className="flex h-full min-w-0 flex-1 items-center gap-3 rounded-xl px-3 -outline-offset-2"
      >
        <AvatarOf name={name} id={peer?.id ?? id} picture={peer?.avatar ?? conversation.avatar} online={online} />
        <span className="flex min-w-0 flex-1 flex-col gap-0.5">
          <span className="flex items-center gap-1.5">
            <bdi title={name} className="min-w-0 truncate font-semibold">
              {name}
            </bdi>
            {online && <span className="sr-only">{words.inbox.online}</span>}
            {muted && <Mark label={words.inbox.muted} icon={<MutedIcon size={15} />} />}
            <span className="flex-1" />
            <When at={conversation.lastMessage?.sentAt} unread={unread > 0 && !muted} />
          </span>
          <span className="flex items-center gap-2">
            <RowPreview conversation={conversation} />
            {settings.pinned && unread === 0 && <Mark label={words.inbox.pinned} icon={<PinIcon size={15} />} />}
            {unread > 0 && <Unread count={unread} muted={muted} />}
          </span>
        </span>
      </Link>
      <IconButton
        label={words.inbox.actionsOf(name)}
        tabIndex={current ? 0 : -1}
        onClick={({ currentTarget }) => onMenu(conversation, currentTarget)}
        className="absolute right-1 bottom-0 bg-surface opacity-0 shadow-raised focus-visible:opacity-100 group-hover/row:opacity-100 max-wide:pointer-coarse:hidden"
      >
        <MoreIcon />
      </IconButton>
    </div>
  )
})

function When({ at, unread }: { at: number | undefined; unread: boolean }) {
  const words = useWords()
  const language = useLanguage()
  if (at === undefined) return null
  return (
    <time
      dateTime={new Date(at).toISOString()}
      className={classes('shrink-0 text-xs', unread ? 'font-semibold text-link' : 'text-muted')}
    >
      {shortWhen(at, Date.now(), language, words.inbox.yesterday)}
    </time>
  )
}

function Mark({ label, icon }: { label: string; icon: ReactNode }) {
  return (
    <span title={label} className="shrink-0 text-muted">
      {icon}
      <span className="sr-only">{label}</span>
    </span>
  )
}

function Unread({ count, muted }: { count: number; muted: boolean }) {
  const words = useWords()
  return (
    <span
      className={classes(
        'flex h-5 min-w-5 shrink-0 items-center justify-center rounded-full px-1.5 text-xs font-semibold',
        muted ? 'bg-line text-text' : 'bg-accent text-on-accent',
      )}
    >
      <span aria-hidden="true">{count === 999 ? '999+' : count}</span>
      <span className="sr-only">{words.inbox.unread(count)}</span>
    </span>
  )
}
