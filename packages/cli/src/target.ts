import type { Client, ConversationHandle } from '@parley/client'
import { Failure } from './failure.ts'
import { lookUp } from './find-user.ts'

/** Finds who or what is meant: `@username`, a username, a conversation's id, or the title of a group. */
export async function findConversation(client: Client, name: string): Promise<ConversationHandle> {
  const known = client.conversations().find((conversation) => conversation.id === name || conversation.title === name)
  if (known) return client.conversation(known.id)
  const user = await lookUp(client, name)
  if (user) return client.direct(user.id)
  const names = client.conversations().map(({ title, peer, id }) => title ?? (peer && `@${peer.username}`) ?? id)
  const hint = names.length > 0 ? ` You are in: ${names.join(', ')}.` : ''
  throw new Failure(`Nobody and nothing is called "${name}".${hint}`)
}
