import { lazy, Suspense, useMemo, useState } from 'react'
import { Link } from 'wouter'
import { ConnectionBar } from '../app/connection-bar.tsx'
import { paths } from '../app/paths.ts'
import { useDocumentTitle } from '../app/use-document-title.ts'
import { useConversations } from '../client/use-conversations.ts'
import { Button, IconButton } from '../design/button.tsx'
import { EmptyState } from '../design/empty-state.tsx'
import { ArchiveIcon, BackIcon, ChatIcon, PlusIcon, SettingsIcon } from '../design/icons.tsx'
import { UpdateBar } from '../offline/update-bar.tsx'
import { useWords } from '../words/words.ts'
import { ConversationList } from './conversation-list.tsx'
import { inOrder, unreadIn } from './order.ts'
import { SearchField } from './search-field.tsx'

const NewChat = lazy(async () => ({ default: (await import('./new-chat.tsx')).NewChat }))
const SearchResults = lazy(async () => ({ default: (await import('./search-results.tsx')).SearchResults }))

/** My conversations: those in use, those put away, and what is looked for. */
export function Inbox({ selected }: { selected?: string | undefined }) {
  const words = useWords()
  const conversations = useConversations()
  const [starting, setStarting] = useState(false)
  const [archive, setArchive] = useState(false)
  const [query, setQuery] = useState('')
  const shown = useMemo(() => inOrder(conversations, archive), [conversations, archive])
  useDocumentTitle(unreadIn(conversations, Date.now()))
  return (
    <>
      {archive ? (
        <header className="flex items-center gap-1 p-2">
          <IconButton label={words.app.back} onClick={() => setArchive(false)}>
            <BackIcon />
          </IconButton>
          <h1 className="min-w-0 flex-1 text-lg font-semibold">{words.inbox.archived}</h1>
        </header>
      ) : (
        <Header onNew={() => setStarting(true)} />
      )}
      {!archive && <SearchField value={query} onChange={setQuery} />}
      <ConnectionBar />
      <UpdateBar />
      {query.trim() !== '' ? (
        <Suspense>
          <SearchResults query={query} onDone={() => setQuery('')} />
        </Suspense>
      ) : (
        <>
          {!archive && <ArchiveLink count={conversations.length - shown.length} onOpen={() => setArchive(true)} />}
          {shown.length > 0 && <ConversationList key={String(archive)} conversations={shown} selected={selected} />}
          {shown.length === 0 && archive && (
            <EmptyState icon={<ArchiveIcon size={30} />} title={words.inbox.archiveEmpty} />
          )}
          {shown.length === 0 && !archive && (
            <EmptyState
              icon={<ChatIcon size={30} />}
              title={words.inbox.emptyTitle}
              action={<Button onClick={() => setStarting(true)}>{words.inbox.newChat}</Button>}
            >
              {words.inbox.emptyHint}
            </EmptyState>
          )}
        </>
      )}
      {starting && (
        <Suspense>
          <NewChat onClose={() => setStarting(false)} />
        </Suspense>
      )}
    </>
  )
}

function Header({ onNew }: { onNew: () => void }) {
  const words = useWords()
  return (
    <header className="flex items-center gap-1 py-2 pr-2 pl-5">
      <h1 className="min-w-0 flex-1 text-xl font-semibold">{words.inbox.title}</h1>
      <IconButton label={words.inbox.newChat} onClick={onNew}>
        <PlusIcon />
      </IconButton>
      <Link
        href={paths.settings}
        aria-label={words.settings.title}
        title={words.settings.title}
        className="inline-flex size-11 items-center justify-center rounded-full text-muted hover:bg-hover hover:text-text"
      >
        <SettingsIcon />
      </Link>
    </header>
  )
}

function ArchiveLink({ count, onOpen }: { count: number; onOpen: () => void }) {
  const words = useWords()
  if (count === 0) return null
  return (
    <button
      type="button"
      onClick={onOpen}
      className="mx-2 flex min-h-11 items-center gap-3 rounded-xl px-3 text-muted hover:bg-hover hover:text-text"
    >
      <span className="flex w-12 justify-center">
        <ArchiveIcon />
      </span>
      <span className="flex-1 text-left font-medium">{words.inbox.archived}</span>
      <span className="text-sm">{count}</span>
    </button>
  )
}
