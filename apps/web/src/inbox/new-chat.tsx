import type { User } from '@parley/protocol'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { paths } from '../app/paths.ts'
import { useCalls } from '../client/device-context.ts'
import { Dialog } from '../design/dialog.tsx'
import { GroupIcon } from '../design/icons.tsx'
import { TextField } from '../design/text-field.tsx'
import { useWords } from '../words/words.ts'
import { NewGroup } from './new-group.tsx'
import { PersonRow } from './person-row.tsx'
import { usePeople } from './use-people.ts'

/** Finds somebody and opens the chat with them, or begins a group. */
export function NewChat({ onClose }: { onClose: () => void }) {
  const words = useWords()
  const [group, setGroup] = useState(false)
  if (group) return <NewGroup onClose={onClose} />
  return (
    <Dialog open onClose={onClose} title={words.inbox.newChat}>
      <FindPerson onGroup={() => setGroup(true)} onDone={onClose} />
    </Dialog>
  )
}

function FindPerson({ onGroup, onDone }: { onGroup: () => void; onDone: () => void }) {
  const words = useWords()
  const calls = useCalls()
  const [, go] = useLocation()
  const [query, setQuery] = useState('')
  const [refused, setRefused] = useState(false)
  const { people, failed } = usePeople(query)
  const start = async (user: User) => {
    try {
      const id = await calls.direct(user.id)
      onDone()
      go(paths.conversation(id))
    } catch {
      setRefused(true)
    }
  }
  const error = refused ? words.inbox.cannotStart : failed ? words.accounts.offline : undefined
  return (
    <div className="flex min-h-96 flex-col gap-2">
      <TextField
        label={words.inbox.findPeople}
        value={query}
        onChange={({ target }) => setQuery(target.value)}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        error={error}
      />
      <button
        type="button"
        onClick={onGroup}
        className="flex min-h-14 items-center gap-3 rounded-xl px-3 font-semibold text-link hover:bg-hover"
      >
        <span className="flex size-12 items-center justify-center rounded-full bg-accent-soft">
          <GroupIcon />
        </span>
        {words.inbox.newGroup}
      </button>
      <ul aria-label={words.inbox.people}>
        {people.map((user) => (
          <li key={user.id}>
            <PersonRow user={user} onSelect={() => void start(user)} />
          </li>
        ))}
      </ul>
      {query.trim() !== '' && people.length === 0 && !failed && <p className="p-3 text-muted">{words.inbox.nobody}</p>}
    </div>
  )
}
