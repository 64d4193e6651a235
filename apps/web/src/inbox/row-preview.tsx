import type { Conversation, OutboxItem } from '@parley/client'
import type { Content, Message } from '@parley/protocol'
import { useMe } from '../client/device-context.ts'
import type { Typist } from '../client/typing.ts'
import { usePending } from '../client/use-conversations.ts'
import { useDraft, useTyping } from '../client/use-shared.ts'
import { useUser } from '../client/use-user.ts'
import { progressOf, Ticks } from '../design/ticks.tsx'
import { useWords } from '../words/words.ts'
import { previewOf } from './preview.ts'

const line = 'min-w-0 flex-1 truncate text-muted'

/** Second line of a conversation in the list: who is writing, what I began to write, else what was said last. */
export function RowPreview({ conversation }: { conversation: Conversation }) {
  const words = useWords()
  const typing = useTyping(conversation.id)
  const [draft] = useDraft(conversation.id)
  const waiting = usePending(conversation.id).findLast((item) => item.kind === 'send')
  const { lastMessage } = conversation
  const [typist] = typing
  if (typist) return <Writing typist={typist} group={conversation.kind === 'group'} />
  if (draft?.text) {
    return (
      <span className={line}>
        <span className="text-danger">{words.inbox.draft}</span> <bdi>{draft.text}</bdi>
      </span>
    )
  }
  if (waiting) return <Waiting item={waiting} />
  if (!lastMessage) return <span className={line}>{words.inbox.nothingYet}</span>
  return <Last message={lastMessage} group={conversation.kind === 'group'} />
}

function Writing({ typist, group }: { typist: Typist; group: boolean }) {
  const words = useWords()
  const user = useUser(group ? typist.user : undefined)
  const text = typist.state === 'recording' ? words.inbox.recording : words.inbox.typing
  return (
    <span className="min-w-0 flex-1 truncate text-link">
      {user && (
        <>
          <bdi>{user.displayName}</bdi>:{' '}
        </>
      )}
      {text}
    </span>
  )
}

function Waiting({ item }: { item: Extract<OutboxItem, { kind: 'send' }> }) {
  const words = useWords()
  return (
    <span className={`${line} flex items-center gap-1`}>
      <Ticks progress="waiting" />
      <bdi className="truncate">{previewOf({ content: item.content as Content }, words)}</bdi>
    </span>
  )
}

function Last({ message, group }: { message: Message; group: boolean }) {
  const words = useWords()
  const own = message.sender === useMe()
  const sender = useUser(group && !own ? message.sender : undefined)
  return (
    <span className={`${line} flex items-center gap-1`}>
      {own && message.deletedAt === undefined && <Ticks progress={progressOf(message)} />}
      <span dir="auto" className="truncate">
        {sender && (
          <>
            <bdi>{sender.displayName}</bdi>:{' '}
          </>
        )}
        {previewOf(message, words)}
      </span>
    </span>
  )
}
