import type { ConversationId } from '@parley/protocol'
import { useCallback, useEffect, useRef } from 'react'
import { useCalls } from '../../client/device-context.ts'

/** ms between two words to the others that somebody writes. */
const again = 3000

/** Tells the others that one writes, now and then, and that one stopped. */
export function useTypingNotice(id: ConversationId): (writes: boolean) => void {
  const calls = useCalls()
  const saidAt = useRef(0)
  const notice = useCallback(
    (writes: boolean) => {
      const now = performance.now()
      if (writes ? saidAt.current !== 0 && now - saidAt.current < again : saidAt.current === 0) return
      saidAt.current = writes ? now : 0
      void calls
        .conversation(id)
        .typing(writes ? 'typing' : 'idle')
        .catch(() => {})
    },
    [calls, id],
  )
  useEffect(() => () => notice(false), [notice])
  return notice
}
