import type { Message, User } from '@parley/protocol'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { paths } from '../app/paths.ts'
import { useCalls } from '../client/device-context.ts'
import { useConversation } from '../client/use-conversations.ts'
import { useUser } from '../client/use-user.ts'
import { EmptyState } from '../design/empty-state.tsx'
import { SearchIcon } from '../design/icons.tsx'
import { Spinner } from '../design/spinner.tsx'
import { AvatarOf } from '../media/avatar-of.tsx'
import { useLanguage, useWords } from '../words/words.ts'
import { nameOf } from './name-of.ts'
import { PersonRow } from './person-row.tsx'
import { previewOf } from './preview.ts'
import { useSearch } from './use-search.ts'
import { shortWhen } from './when.ts'

/** What the words in the search field are found in. */
export function SearchResults({ query, onDone }: { query: string; onDone: () => void }) {
  const words = useWords()
  const calls = useCalls()
  const [, go] = useLocation()
  const { conversations, people, messages, state } = useSearch(query)
  const known = new Set(conversations.map(({ peer }) => peer?.id))
  const others = people.filter(({ id }) => !known.has(id))
  const nothing = conversations.length + others.length + messages.length === 0
  const start = async (user: User) => {
    const id = await calls.direct(user.id)
    onDone()
    go(paths.conversation(id))
  }
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
      <Section title={words.inbox.conversations} shown={conversations.length > 0}>
        {conversations.slice(0, 30).map((conversation) => (
          <li key={conversation.id}>
            <Result
              href={paths.conversation(conversation.id)}
              id={conversation.peer?.id ?? conversation.id}
              name={nameOf(conversation, words)}
              picture={conversation.peer?.avatar ?? conversation.avatar}
              note={conversation.peer && `@${conversation.peer.username}`}
              onDone={onDone}
            />
          </li>
        ))}
      </Section>
      <Section title={words.inbox.people} shown={others.length > 0}>
        {others.map((user) => (
          <li key={user.id}>
            <PersonRow user={user} onSelect={() => void start(user).catch(() => {})} />
          </li>
        ))}
      </Section>
      <Section title={words.conversation.messages} shown={messages.length > 0}>
        {messages.map((message) => (
          <li key={message.id}>
            <FoundMessage message={message} onDone={onDone} />
          </li>
        ))}
      </Section>
      <div role="status" className="p-4 text-center text-muted">
        {state === 'searching' && <Spinner small label={words.inbox.searching} />}
        {state === 'offline' && words.inbox.searchedHere}
      </div>
      {nothing && state === 'done' && <EmptyState icon={<SearchIcon size={30} />} title={words.inbox.nothingFound} />}
    </div>
  )
}

function Section({ title, shown, children }: { title: string; shown: boolean; children: ReactNode }) {
  if (!shown) return null
  return (
    <section aria-label={title}>
      <h2 className="px-3 pt-3 pb-1 text-sm font-semibold text-muted">{title}</h2>
      <ul>{children}</ul>
    </section>
  )
}

function Result({
  href,
  id,
  name,
  picture,
  note,
  when,
  onDone,
}: {
  href: string
  id: string
  name: string
  picture: string | undefined
  note?: ReactNode
  when?: string
  onDone: () => void
}) {
  return (
    <Link href={href} onClick={onDone} className="flex min-h-16 items-center gap-3 rounded-xl px-3 py-2 hover:bg-hover">
      <AvatarOf name={name} id={id} picture={picture} />
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="flex items-baseline gap-2">
          <bdi title={name} className="min-w-0 flex-1 truncate font-semibold">
            {name}
          </bdi>
          {when && <span className="shrink-0 text-xs text-muted">{when}</span>}
        </span>
        {note && <span className="truncate text-muted">{note}</span>}
      </span>
    </Link>
  )
}

function FoundMessage({ message, onDone }: { message: Message; onDone: () => void }) {
  const words = useWords()
  const language = useLanguage()
  const conversation = useConversation(message.conversation)
  const sender = useUser(message.sender)
  const name = conversation ? nameOf(conversation, words) : words.inbox.unnamed
  return (
    <Result
      href={paths.message(message.conversation, message.seq)}
      id={conversation?.peer?.id ?? message.conversation}
      name={name}
      picture={conversation?.peer?.avatar ?? conversation?.avatar}
      when={shortWhen(message.sentAt, Date.now(), language, words.inbox.yesterday)}
      note={
        <>
          {sender && <bdi>{sender.displayName}: </bdi>}
          <bdi>{previewOf(message, words)}</bdi>
        </>
      }
      onDone={onDone}
    />
  )
}
