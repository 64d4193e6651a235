import type { ConversationId, Message } from '@parley/protocol'
import { useEffect, useState } from 'react'
import { useDevice } from './device-context.ts'

/** One message, followed while it is shown; undefined while it is looked for, null when it is not to be had. */
export function useMessage(conversation: ConversationId, seq: number | undefined): Message | null | undefined {
  const { view, calls } = useDevice()
  const [message, setMessage] = useState<Message | null>()
  useEffect(() => {
    if (seq === undefined) return
    let over = false
    const show = (found: Message | undefined) => over || setMessage(found ?? null)
    const load = async () => {
      const [stored] = await view.messages(conversation, { from: seq, before: seq + 1, limit: 1 })
      if (stored) return show(stored)
      const { items } = await calls.conversation(conversation).page({ before: seq + 1, limit: 1 })
      show(items.find((item) => item.seq === seq))
    }
    load().catch(() => show(undefined))
    const off = view.on('messages', (told) => {
      if (told.conversation === conversation && told.changes.has(seq)) show(told.changes.get(seq))
    })
    return () => {
      over = true
      off()
    }
  }, [view, calls, conversation, seq])
  return message
}
