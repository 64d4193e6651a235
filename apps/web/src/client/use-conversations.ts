import type { Conversation, OutboxItem } from '@parley/client'
import type { ConversationId } from '@parley/protocol'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { useDevice } from './device-context.ts'
import { endAll, Snapshot } from './snapshot.ts'

/** My conversations, newest activity first. The same array until one of them changes. */
export function useConversations(): readonly Conversation[] {
  const { view } = useDevice()
  const snapshot = useMemo(() => new Snapshot(() => view.conversations()), [view])
  const subscribe = useCallback(
    (changed: () => void) =>
      snapshot.follow(changed, (again) => [
        view.on('conversations', again),
        view.on('dropped', again),
        view.on('users', again),
      ]),
    [view, snapshot],
  )
  return useSyncExternalStore(subscribe, snapshot.read)
}

/** One conversation; undefined while this device does not know it. */
export function useConversation(id: ConversationId): Conversation | undefined {
  const { view } = useDevice()
  const subscribe = useCallback(
    (changed: () => void) => {
      const offs = [
        view.on('conversations', (ids) => ids.has(id) && changed()),
        view.on('dropped', changed),
        view.on('users', changed),
      ]
      return endAll(offs)
    },
    [view, id],
  )
  return useSyncExternalStore(subscribe, () => view.conversation(id))
}

/** What waits to be sent to a conversation, in order. */
export function usePending(id: ConversationId): readonly OutboxItem[] {
  const { view } = useDevice()
  const snapshot = useMemo(() => new Snapshot(() => view.pending(id)), [view, id])
  const subscribe = useCallback(
    (changed: () => void) =>
      snapshot.follow(changed, (again) => [
        view.on('outbox', (ids) => ids.has(id) && again()),
        view.on('dropped', again),
      ]),
    [view, id, snapshot],
  )
  return useSyncExternalStore(subscribe, snapshot.read)
}
