import type { ConversationId, Membership } from '@parley/protocol'
import { useEffect } from 'react'
import { useCalls } from './device-context.ts'
import { useConversation } from './use-conversations.ts'

/** Present members of a conversation; undefined until they are known. They are read from the server once. */
export function useMembers(id: ConversationId): readonly Membership[] | undefined {
  const calls = useCalls()
  const conversation = useConversation(id)
  const missing = conversation !== undefined && conversation.role !== null && !conversation.members
  useEffect(() => {
    if (missing)
      calls
        .conversation(id)
        .members()
        .catch(() => {})
  }, [calls, id, missing])
  return conversation?.members
}
