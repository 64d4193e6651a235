import type { ConversationId, UserId } from '@parley/protocol'
import type { Delivery } from '../log/lanes.ts'
import type { QueuePosition } from '../sync/place.ts'

/** A user who may have to be told of a message. */
export interface Candidate {
  user: UserId
  conversation: ConversationId
  seq: number
  position: QueuePosition
  mentioned: boolean
}

/** Everybody who gets a message of somebody else in this delivery, once, with the newest such message. */
export function candidatesOf({ batch, places }: Delivery): Candidate[] {
  const notifying = batch.entries
    .filter(({ kind }) => kind === 'message')
    .map(({ seq, sender, body }) => ({ seq, sender, mentions: mentionsOf(body) }))
  if (notifying.length === 0) return []
  const found: Candidate[] = []
  let start = 0
  for (const { users, from, to } of batch.audiences) {
    const theirs = notifying.filter(({ seq }) => seq >= from && seq <= to)
    for (let index = 0; index < users.length && theirs.length > 0; index++) {
      const place = places[start + index]
      const user = users[index] as UserId
      const others = theirs.filter(({ sender }) => sender !== user)
      const last = others.at(-1)
      if (!place || !last) continue
      const mentioned = others.some(({ mentions }) => mentions.includes(user))
      found.push({ user, conversation: batch.conversation, seq: last.seq, position: place.position, mentioned })
    }
    start += users.length
  }
  return found
}

const none: readonly UserId[] = []

/** `body` as the log keeps it. Most messages mention nobody, and are not parsed. */
export function mentionsOf(body: string): readonly UserId[] {
  if (!body.includes('"mentions"')) return none
  return (JSON.parse(body) as { mentions?: UserId[] }).mentions ?? none
}
