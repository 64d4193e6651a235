import type { ConversationHandle } from '@parley/client'

/** What somebody keeps at hand, or does away with; by numbers from 0 to 1. */
export async function keep(room: ConversationHandle, what: number, which: number): Promise<void> {
  if (what < 0.05) return room.clear({ remove: what < 0.02 })
  const { items } = await room.messages({ local: true, limit: 20 })
  const target = items[Math.floor(which * items.length)]
  if (!target) return
  const { seq, starredAt } = target
  if (what < 0.6) return starredAt === undefined ? room.star(seq) : room.unstar(seq)
  return room.state?.pins?.includes(seq) ? room.unpin(seq) : room.pin(seq)
}
