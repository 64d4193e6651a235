import type { User } from '@parley/protocol'
import { useEffect, useMemo, useState } from 'react'
import { useCalls, useMe } from '../client/device-context.ts'
import { useConversations } from '../client/use-conversations.ts'

const pause = 250

/** People to choose from: those I talk with at once, others as the server finds them by username. */
export function usePeople(query: string): { people: readonly User[]; failed: boolean } {
  const calls = useCalls()
  const me = useMe()
  const conversations = useConversations()
  const wanted = query.trim().toLowerCase().replace(/^@/, '')
  const [found, setFound] = useState<{ of: string; users: User[] }>({ of: '', users: [] })
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    setFailed(false)
    if (wanted === '') return
    const over = new AbortController()
    const timer = setTimeout(() => {
      calls.account
        .findUsers(wanted, { signal: over.signal })
        .then((users) => setFound({ of: wanted, users }))
        .catch(() => over.signal.aborted || setFailed(true))
    }, pause)
    return () => {
      clearTimeout(timer)
      over.abort()
    }
  }, [calls, wanted])
  const people = useMemo(() => {
    const known = conversations.flatMap(({ peer }) => (peer ? [peer] : []))
    const fitting = known.filter(({ username, displayName }) =>
      [username, displayName].some((name) => name.toLowerCase().includes(wanted)),
    )
    const asked = found.of === wanted ? found.users : []
    const all = new Map([...fitting, ...asked].map((user) => [user.id, user]))
    all.delete(me)
    return [...all.values()]
  }, [conversations, wanted, found, me])
  return { people, failed }
}
