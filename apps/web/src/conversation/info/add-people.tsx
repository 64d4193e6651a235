import type { User, UserId } from '@parley/protocol'
import { useEffect, useState } from 'react'
import { useCalls } from '../../client/device-context.ts'
import { Avatar } from '../../design/avatar.tsx'
import { Button } from '../../design/button.tsx'
import { TextField } from '../../design/text-field.tsx'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'

const pause = 250

/** Finds people by username and adds them to the group. */
export function AddPeople(props: { present: readonly UserId[]; onFailed: (failed: boolean) => void }) {
  const { present, onFailed } = props
  const words = useWords()
  const calls = useCalls()
  const { conversation } = useConversationView()
  const [query, setQuery] = useState('')
  const [found, setFound] = useState<readonly User[]>([])
  useEffect(() => {
    const wanted = query.trim()
    if (wanted === '') return setFound([])
    const over = new AbortController()
    const timer = setTimeout(() => {
      calls.account
        .findUsers(wanted, { signal: over.signal })
        .then(setFound)
        .catch(() => over.signal.aborted || onFailed(true))
    }, pause)
    return () => {
      clearTimeout(timer)
      over.abort()
    }
  }, [calls, query, onFailed])
  const add = (user: UserId) => {
    onFailed(false)
    calls
      .conversation(conversation.id)
      .addMember(user)
      .catch(() => onFailed(true))
  }
  return (
    <div className="pb-2">
      <TextField
        label={words.inbox.findPeople}
        value={query}
        onChange={({ target }) => setQuery(target.value)}
        autoCapitalize="none"
        spellCheck={false}
      />
      <ul aria-label={words.inbox.people}>
        {found
          .filter(({ id }) => !present.includes(id))
          .map((user) => (
            <li key={user.id} className="flex min-h-12 items-center gap-3">
              <Avatar name={user.displayName} id={user.id} size="small" />
              <bdi className="min-w-0 flex-1 truncate">{user.displayName}</bdi>
              <Button
                kind="quiet"
                onClick={() => add(user.id)}
                aria-label={`${words.conversation.add}: ${user.displayName}`}
              >
                <PlusMark />
              </Button>
            </li>
          ))}
      </ul>
    </div>
  )
}

const PlusMark = () => <span aria-hidden="true">+</span>
