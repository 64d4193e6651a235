import { useState } from 'react'
import { Link } from 'wouter'
import { ConnectionBar } from '../app/connection-bar.tsx'
import { paths } from '../app/paths.ts'
import { useDocumentTitle } from '../app/use-document-title.ts'
import { useConversations } from '../client/use-conversations.ts'
import { Button, IconButton } from '../design/button.tsx'
import { EmptyState } from '../design/empty-state.tsx'
import { ChatIcon, PlusIcon, SettingsIcon } from '../design/icons.tsx'
import { useWords } from '../words/words.ts'
import { ConversationRow } from './conversation-row.tsx'
import { NewChat } from './new-chat.tsx'

/** My conversations. */
export function Inbox({ selected }: { selected?: string | undefined }) {
  const words = useWords()
  const conversations = useConversations()
  const [starting, setStarting] = useState(false)
  useDocumentTitle()
  return (
    <>
      <header className="flex items-center gap-1 py-2 pr-2 pl-5">
        <h1 className="min-w-0 flex-1 text-xl font-semibold">{words.inbox.title}</h1>
        <IconButton label={words.inbox.newChat} onClick={() => setStarting(true)}>
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
      <ConnectionBar />
      <nav aria-label={words.inbox.conversations} className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {conversations.length === 0 ? (
          <EmptyState
            icon={<ChatIcon size={30} />}
            title={words.inbox.emptyTitle}
            action={<Button onClick={() => setStarting(true)}>{words.inbox.newChat}</Button>}
          >
            {words.inbox.emptyHint}
          </EmptyState>
        ) : (
          <ul>
            {conversations.map((conversation) => (
              <li key={conversation.id}>
                <ConversationRow conversation={conversation} selected={conversation.id === selected} />
              </li>
            ))}
          </ul>
        )}
      </nav>
      <NewChat open={starting} onClose={() => setStarting(false)} />
    </>
  )
}
