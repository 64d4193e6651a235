import type { ConversationId } from '@parley/protocol'
import { useMemo, useSyncExternalStore } from 'react'
import { useDevice } from './device-context.ts'
import { MessageWindow, type WindowState } from './message-window.ts'

export interface Messages extends WindowState, Pick<MessageWindow, 'loadOlder' | 'loadNewer' | 'toEnd' | 'jumpTo'> {}

/** The messages of a conversation around where one looks; it opens at the newest. */
export function useMessages(id: ConversationId): Messages {
  const { view, calls } = useDevice()
  const window = useMemo(() => new MessageWindow(view, calls, id), [view, calls, id])
  const state = useSyncExternalStore(window.subscribe, window.read)
  const moves = useMemo(
    () => ({
      loadOlder: () => window.loadOlder(),
      loadNewer: () => window.loadNewer(),
      toEnd: () => window.toEnd(),
      jumpTo: (seq: number) => window.jumpTo(seq),
    }),
    [window],
  )
  return useMemo(() => ({ ...state, ...moves }), [state, moves])
}
