import type { Message, UserId } from '@parley/protocol'
import { useEffect, useState } from 'react'
import { useCalls } from '../../client/device-context.ts'
import { useUser } from '../../client/use-user.ts'
import { Avatar } from '../../design/avatar.tsx'
import { Dialog } from '../../design/dialog.tsx'
import { Spinner } from '../../design/spinner.tsx'
import { useLanguage, useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'

interface Receipt {
  user: UserId
  deliveredAt?: number
  seenAt?: number
}

/** When each member got and saw a message of mine. */
export function ReceiptsDialog({ message }: { message: Message }) {
  const words = useWords()
  const calls = useCalls()
  const { open } = useConversationView()
  const [receipts, setReceipts] = useState<readonly Receipt[]>()
  const [failed, setFailed] = useState(false)
  const { conversation, seq, seenAt, deliveredAt } = message
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the ticks turn
  useEffect(() => {
    calls
      .conversation(conversation)
      .receipts(seq)
      .then(setReceipts, () => setFailed(true))
  }, [calls, conversation, seq, seenAt, deliveredAt])
  const seen = receipts?.filter((one) => one.seenAt !== undefined) ?? []
  const delivered = receipts?.filter((one) => one.seenAt === undefined && one.deliveredAt !== undefined) ?? []
  const waiting = receipts?.filter((one) => one.deliveredAt === undefined && one.seenAt === undefined) ?? []
  return (
    <Dialog open onClose={() => open(undefined)} title={words.conversation.info}>
      {failed && (
        <p role="alert" className="text-danger">
          {words.conversation.failed}
        </p>
      )}
      {!receipts && !failed && <Spinner label={words.app.loading} />}
      <Part title={words.conversation.seenBy} receipts={seen} at={(one) => one.seenAt} />
      <Part title={words.conversation.deliveredTo} receipts={delivered} at={(one) => one.deliveredAt} />
      <Part title={words.conversation.notYet} receipts={waiting} at={() => undefined} />
    </Dialog>
  )
}

function Part(props: { title: string; receipts: readonly Receipt[]; at: (receipt: Receipt) => number | undefined }) {
  const { title, receipts, at } = props
  if (receipts.length === 0) return null
  return (
    <section className="pb-3">
      <h3 className="py-1 font-semibold text-muted text-sm">{title}</h3>
      <ul>
        {receipts.map((receipt) => (
          <Member key={receipt.user} user={receipt.user} at={at(receipt)} />
        ))}
      </ul>
    </section>
  )
}

function Member({ user, at }: { user: UserId; at: number | undefined }) {
  const words = useWords().conversation
  const language = useLanguage()
  const name = useUser(user)?.displayName || words.unknown
  return (
    <li className="flex items-center gap-3 py-1.5">
      <Avatar name={name} id={user} size="small" />
      <bdi className="min-w-0 flex-1 truncate" title={name}>
        {name}
      </bdi>
      {at !== undefined && (
        <time dateTime={new Date(at).toISOString()} className="shrink-0 text-muted text-sm">
          {new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'short' }).format(at)}
        </time>
      )}
    </li>
  )
}
