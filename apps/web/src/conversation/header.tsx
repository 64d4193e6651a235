import { lazy, Suspense, useState } from 'react'
import { Link } from 'wouter'
import { paths } from '../app/paths.ts'
import { IconButton } from '../design/button.tsx'
import { BackIcon, MoreIcon, SearchIcon } from '../design/icons.tsx'
import { nameOf } from '../inbox/name-of.ts'
import { AvatarOf } from '../media/avatar-of.tsx'
import { useWords } from '../words/words.ts'
import { useConversationView } from './conversation-view.ts'
import { PresenceLine } from './presence-line.tsx'

const ConversationMenu = lazy(async () => ({ default: (await import('./conversation-menu.tsx')).ConversationMenu }))

export function Header() {
  const words = useWords()
  const { conversation, open } = useConversationView()
  const name = nameOf(conversation, words)
  const [anchor, setAnchor] = useState<HTMLElement>()
  return (
    <header className="flex h-15 shrink-0 items-center gap-1 border-line border-b bg-surface px-1 wide:px-3">
      <Link
        href={paths.inbox}
        aria-label={words.app.back}
        className="flex size-11 shrink-0 items-center justify-center rounded-full text-muted hover:bg-hover wide:hidden"
      >
        <BackIcon />
      </Link>
      <button
        type="button"
        onClick={() => open({ what: 'details' })}
        title={words.conversation.details}
        className="flex min-h-11 min-w-0 flex-1 items-center gap-3 rounded-xl px-1 text-left hover:bg-hover"
      >
        <AvatarOf
          name={name}
          id={conversation.peer?.id ?? conversation.id}
          picture={conversation.peer?.avatar ?? conversation.avatar}
          size="small"
        />
        <span className="min-w-0 flex-1">
          <h2 className="truncate font-semibold" title={name}>
            <bdi>{name}</bdi>
          </h2>
          <PresenceLine conversation={conversation} />
          <span className="sr-only">{words.conversation.details}</span>
        </span>
      </button>
      <IconButton label={words.conversation.findHere} onClick={() => open({ what: 'search' })}>
        <SearchIcon />
      </IconButton>
      <IconButton
        label={words.app.more}
        aria-haspopup="menu"
        aria-expanded={anchor !== undefined}
        onClick={({ currentTarget }) => setAnchor(currentTarget)}
      >
        <MoreIcon />
      </IconButton>
      {anchor && (
        <Suspense>
          <ConversationMenu anchor={anchor} onClose={() => setAnchor(undefined)} />
        </Suspense>
      )}
    </header>
  )
}
