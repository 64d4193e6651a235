import type { Conversation } from '@parley/client'
import { Link } from 'wouter'
import { paths } from '../app/paths.ts'
import { Avatar } from '../design/avatar.tsx'
import { BackIcon } from '../design/icons.tsx'
import { nameOf } from '../inbox/name-of.ts'
import { useWords } from '../words/words.ts'

export function Header({ conversation }: { conversation: Conversation }) {
  const words = useWords()
  const name = nameOf(conversation, words)
  return (
    <header className="flex h-15 shrink-0 items-center gap-3 border-line border-b bg-surface px-2 wide:px-4">
      <Link
        href={paths.inbox}
        aria-label={words.app.back}
        className="flex size-11 shrink-0 items-center justify-center rounded-full text-muted hover:bg-hover wide:hidden"
      >
        <BackIcon />
      </Link>
      <Avatar name={name} id={conversation.peer?.id ?? conversation.id} size="small" />
      <div className="min-w-0 flex-1">
        <h2 className="truncate font-semibold" title={name}>
          <bdi>{name}</bdi>
        </h2>
        {conversation.kind === 'group' && conversation.members && (
          <p className="truncate text-sm text-muted">{words.conversation.members(conversation.members.length)}</p>
        )}
      </div>
    </header>
  )
}
