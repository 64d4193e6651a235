import type { Conversation } from '@parley/client'
import { usePresence, useTyping } from '../client/use-shared.ts'
import { useUser } from '../client/use-user.ts'
import { shortWhen } from '../inbox/when.ts'
import { useLanguage, useWords } from '../words/words.ts'

/** Under the name: who is writing, else whether the other is there, else how many there are. */
export function PresenceLine({ conversation }: { conversation: Conversation }) {
  const words = useWords().conversation
  const language = useLanguage()
  const { kind, peer, members } = conversation
  const typists = useTyping(conversation.id)
  const typist = useUser(typists[0]?.user)
  const presence = usePresence(kind === 'direct' ? peer?.id : undefined)
  if (typists.length > 1) return <Line strong text={words.severalTyping(typists.length)} />
  const [one] = typists
  if (one) {
    const does = one.state === 'recording' ? words.recording : words.typing
    return <Line strong text={kind === 'direct' ? does : words.someoneTyping(typist?.displayName ?? words.unknown)} />
  }
  if (kind === 'group') return members ? <Line text={words.members(members.length)} /> : null
  if (!presence) return null
  if (presence.status !== 'offline') return <Line text={presence.status === 'online' ? words.online : words.away} />
  return presence.lastOnline ? (
    <Line text={words.lastOnline(shortWhen(presence.lastOnline, Date.now(), language, words.yesterday))} />
  ) : null
}

function Line({ text, strong = false }: { text: string; strong?: boolean }) {
  return <p className={strong ? 'truncate text-link text-sm' : 'truncate text-muted text-sm'}>{text}</p>
}
