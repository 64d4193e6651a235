import type { ConversationId } from '@parley/protocol'
import { useMemo, useSyncExternalStore } from 'react'
import { useDevice } from './device-context.ts'
import { MessageWindow, type WindowState } from './message-window.ts'

export interface Messages extends WindowState {
  loadOlder: () => Promise<void>
  toEnd: () => Promise<void>
}

/** The messages of a conversation around where one looks. */
export function useMessages(id: ConversationId): Messages {
  const { view, calls } = useDevice()
  const window = useMemo(() => new MessageWindow(view, calls, id), [view, calls, id])
  const state = useSyncExternalStore(window.subscribe, window.read)
  return useMemo(
    () => ({ ...state, loadOlder: () => window.loadOlder(), toEnd: () => window.toEnd() }),
    [state, window],
  )
}
