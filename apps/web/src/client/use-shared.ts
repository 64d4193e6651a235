import type { ConversationId, UserId } from '@parley/protocol'
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react'
import { useDevice } from './device-context.ts'
import type { RefusedSend } from './refused-sends.ts'
import type { SharedRecords } from './shared-records.ts'

/** What is typed and not sent. */
export interface Draft {
  text: string
  /** seq of the message that is answered. */
  replyTo?: number
}

function useRecord<T>(records: SharedRecords<T>, key: string): T | undefined {
  const subscribe = useCallback(
    (changed: () => void) => records.on((told) => told === key && changed()),
    [records, key],
  )
  return useSyncExternalStore(subscribe, () => records.get(key))
}

/** The draft of a conversation, the same in every tab; an empty one is none. */
export function useDraft(id: ConversationId): [Draft | undefined, (draft: Draft | undefined) => void] {
  const { drafts } = useDevice()
  const draft = useRecord(drafts, id)
  const set = useCallback(
    (next: Draft | undefined) =>
      drafts.set(id, next && (next.text !== '' || next.replyTo !== undefined) ? next : undefined),
    [drafts, id],
  )
  return [draft, set]
}

const none: readonly RefusedSend[] = []

/** What the server will not take. `again` sends it under its old name, `forget` throws it away. */
export function useRefused(id: ConversationId) {
  const { refused, calls } = useDevice()
  const items = useRecord(refused.records, id) ?? none
  return useMemo(
    () => ({
      items,
      forget: ({ item }: RefusedSend) => refused.forget(id, item.clientMessageId),
      again: ({ item }: RefusedSend) => {
        const { content, replyTo, mentions, clientMessageId } = item
        refused.forget(id, clientMessageId)
        // Refused again, it is told again.
        calls
          .conversation(id)
          .send(content, { replyTo, mentions, clientMessageId })
          .catch(() => {})
      },
    }),
    [items, refused, calls, id],
  )
}

/** Who is writing in a conversation now. */
export function useTyping(id: ConversationId) {
  const { typing } = useDevice()
  const subscribe = useCallback((changed: () => void) => typing.on((told) => told === id && changed()), [typing, id])
  return useSyncExternalStore(subscribe, () => typing.of(id))
}

/** Whether a user is there; undefined when that is not known, or not for me to know. */
export function usePresence(user: UserId | undefined) {
  const { presence } = useDevice()
  useEffect(() => (user === undefined ? undefined : presence.show(user)), [presence, user])
  const subscribe = useCallback(
    (changed: () => void) => presence.on((told) => (told === undefined || told === user) && changed()),
    [presence, user],
  )
  return useSyncExternalStore(subscribe, () => (user === undefined ? undefined : presence.of(user)))
}
