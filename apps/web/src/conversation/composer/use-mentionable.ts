import type { Conversation } from '@parley/client'
import type { User } from '@parley/protocol'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { useDevice, useMe } from '../../client/device-context.ts'
import { useMembers } from '../../client/use-members.ts'

const nobody: readonly User[] = []

/** Members of a group who can be mentioned, by name. */
export function useMentionable({ id, kind }: Conversation): readonly User[] {
  const { view, calls } = useDevice()
  const me = useMe()
  const members = useMembers(id)
  const others = useMemo(
    () => (kind === 'group' ? (members ?? []).map(({ user }) => user).filter((user) => user !== me) : []),
    [kind, members, me],
  )
  useEffect(() => {
    const unknown = others.filter((user) => !view.user(user))
    if (unknown.length > 0) calls.learnUsers(unknown).catch(() => {})
  }, [view, calls, others])
  const known = useSyncExternalStore(
    (changed) => view.on('users', changed),
    () => others.filter((user) => view.user(user)).length,
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: `known` says that there is more to be known of them
  return useMemo(() => {
    if (others.length === 0) return nobody
    const users = others.flatMap((user) => view.user(user) ?? [])
    return users.filter(({ username }) => username !== '').sort((a, b) => (a.username < b.username ? -1 : 1))
  }, [view, others, known])
}
