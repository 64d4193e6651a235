import { ParleyError } from '@parley/client'
import { limits, type User } from '@parley/protocol'
import { type FormEvent, useState } from 'react'
import { useLocation } from 'wouter'
import { paths } from '../app/paths.ts'
import { useCalls } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { Dialog } from '../design/dialog.tsx'
import { CloseIcon } from '../design/icons.tsx'
import { TextField } from '../design/text-field.tsx'
import { useWords } from '../words/words.ts'
import { PersonRow } from './person-row.tsx'
import { usePeople } from './use-people.ts'

/** A title, who is in it, and whether they see what was said before they came. */
export function NewGroup({ onClose }: { onClose: () => void }) {
  const words = useWords()
  const calls = useCalls()
  const [, go] = useLocation()
  const [title, setTitle] = useState('')
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState<readonly User[]>([])
  const [history, setHistory] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const { people, failed } = usePeople(query)
  const isChosen = ({ id }: User): boolean => chosen.some((user) => user.id === id)
  const toggle = (user: User): void => {
    if (isChosen(user)) setChosen(chosen.filter(({ id }) => id !== user.id))
    else if (chosen.length + 1 < limits.groupMembers) setChosen([...chosen, user])
    else setError(words.inbox.groupFull(limits.groupMembers))
  }
  const make = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      const members = chosen.map(({ id }) => id)
      const id = await calls.createGroup({ title: title.trim(), members, history: history ? 'all' : 'joined' })
      onClose()
      go(paths.conversation(id))
    } catch (failure) {
      setError(failure instanceof ParleyError ? words.inbox.cannotStart : words.accounts.offline)
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.inbox.newGroup}
      footer={
        <Button type="submit" form="new-group" busy={busy} disabled={title.trim() === ''}>
          {words.inbox.createGroup(chosen.length + 1)}
        </Button>
      }
    >
      <form id="new-group" onSubmit={make} className="flex min-h-96 flex-col gap-3">
        <TextField
          label={words.inbox.groupTitle}
          value={title}
          maxLength={80}
          onChange={({ target }) => setTitle(target.value)}
          error={error}
        />
        <label className="flex min-h-11 items-center gap-3">
          <input
            type="checkbox"
            checked={history}
            onChange={({ target }) => setHistory(target.checked)}
            className="size-5 accent-accent"
          />
          {words.inbox.groupHistory}
        </label>
        {chosen.length > 0 && (
          <ul aria-label={words.inbox.chosen} className="flex flex-wrap gap-2">
            {chosen.map((user) => (
              <li key={user.id} className="max-w-full">
                <button
                  type="button"
                  aria-label={words.inbox.takeOut(user.displayName)}
                  onClick={() => toggle(user)}
                  className="flex min-h-9 max-w-full items-center gap-1 rounded-full bg-accent-soft px-3"
                >
                  <bdi className="truncate">{user.displayName}</bdi>
                  <CloseIcon size={16} />
                </button>
              </li>
            ))}
          </ul>
        )}
        <TextField
          label={words.inbox.findPeople}
          value={query}
          onChange={({ target }) => setQuery(target.value)}
          // Enter looks, it does not make the group.
          onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          error={failed ? words.accounts.offline : undefined}
        />
        <ul aria-label={words.inbox.people}>
          {people.map((user) => (
            <li key={user.id}>
              <PersonRow user={user} chosen={isChosen(user)} onSelect={() => toggle(user)} />
            </li>
          ))}
        </ul>
      </form>
    </Dialog>
  )
}
