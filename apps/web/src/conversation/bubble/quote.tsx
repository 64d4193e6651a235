import type { ConversationId } from '@parley/protocol'
import { useMessage } from '../../client/use-message.ts'
import { useUser } from '../../client/use-user.ts'
import { previewOf } from '../../inbox/preview.ts'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'

/** The message that is answered, in one line; a press shows it where it stands. */
export function Quote({ conversation, seq }: { conversation: ConversationId; seq: number }) {
  const words = useWords()
  const { me, jump } = useConversationView()
  const message = useMessage(conversation, seq)
  const sender = useUser(message?.sender)
  const name = message?.sender === me ? words.conversation.you : (sender?.displayName ?? '')
  return (
    <button
      type="button"
      onClick={() => jump(seq)}
      className="mb-1 block w-full min-w-40 max-w-full overflow-hidden rounded-lg border-accent border-l-4 bg-hover px-2.5 py-1 text-left text-sm"
    >
      {message === null ? (
        <span className="text-muted italic">{words.conversation.original}</span>
      ) : (
        <>
          <bdi className="block truncate font-semibold text-link">{name || '…'}</bdi>
          <bdi className="block truncate text-muted">{message ? previewOf(message, words) : '…'}</bdi>
        </>
      )}
    </button>
  )
}
