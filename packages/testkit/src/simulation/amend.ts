import type { ConversationHandle } from '@parley/client'
import type { SimDevice } from './sim-device.ts'

export interface Amending {
  doing: 'reply' | 'edit' | 'remove' | 'react'
  /** From 0 to 1: which of the messages, and how. */
  share: number
  text: string
}

/** Somebody does something to a message that the device shows. */
export async function amend({ user }: SimDevice, room: ConversationHandle, what: Amending): Promise<void> {
  const { doing, share, text } = what
  const { items } = await room.messages({ local: true, limit: 20 })
  const targets = items.filter(({ sender, deletedAt }) => {
    return deletedAt === undefined && (doing === 'react' || doing === 'reply' || sender === user)
  })
  const seq = targets[Math.floor(share * targets.length)]?.seq
  if (seq === undefined) return
  if (doing === 'reply') await room.send(text, { replyTo: seq })
  if (doing === 'edit') await room.edit(seq, text)
  if (doing === 'remove') await room.delete(seq, share < 0.5 ? 'everyone' : 'me')
  if (doing === 'react') await room.react(seq, share < 0.3 ? null : share < 0.6 ? '👍' : '❤️')
}
