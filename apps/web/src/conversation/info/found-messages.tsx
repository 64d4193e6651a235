import type { Message } from '@parley/protocol'
import { useMe } from '../../client/device-context.ts'
import { useUser } from '../../client/use-user.ts'
import { previewOf } from '../../inbox/preview.ts'
import { useLanguage, useWords } from '../../words/words.ts'

/** Messages in a list, each in two lines. */
export function FoundMessages(props: {
  messages: readonly Message[]
  empty: string
  onChoose: (message: Message) => void
}) {
  const { messages, empty, onChoose } = props
  if (messages.length === 0) return <p className="p-2 text-muted">{empty}</p>
  return (
    <ul>
      {messages.map((message) => (
        <Found key={message.id} message={message} onChoose={onChoose} />
      ))}
    </ul>
  )
}

function Found({ message, onChoose }: { message: Message; onChoose: (message: Message) => void }) {
  const words = useWords()
  const language = useLanguage()
  const me = useMe()
  const sender = useUser(message.sender)
  const name = message.sender === me ? words.conversation.you : (sender?.displayName ?? words.conversation.unknown)
  return (
    <li>
      <button
        type="button"
        onClick={() => onChoose(message)}
        className="flex w-full flex-col rounded-xl p-2 text-left hover:bg-hover"
      >
        <span className="flex w-full items-baseline gap-2 text-sm">
          <bdi className="min-w-0 flex-1 truncate font-semibold">{name}</bdi>
          <time dateTime={new Date(message.sentAt).toISOString()} className="shrink-0 text-muted text-xs">
            {new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(message.sentAt)}
          </time>
        </span>
        <bdi className="line-clamp-2 w-full wrap-anywhere">{previewOf(message, words)}</bdi>
      </button>
    </li>
  )
}
