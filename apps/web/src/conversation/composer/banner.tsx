import { useMessage } from '../../client/use-message.ts'
import { useUser } from '../../client/use-user.ts'
import { IconButton } from '../../design/button.tsx'
import { CloseIcon, EditIcon, ReplyIcon } from '../../design/icons.tsx'
import { previewOf } from '../../inbox/preview.ts'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'

/** Above the field: which message is answered, or edited. */
export function Banner({ seq, editing = false, onClose }: { seq: number; editing?: boolean; onClose: () => void }) {
  const words = useWords()
  const { conversation, me } = useConversationView()
  const message = useMessage(conversation.id, seq)
  const sender = useUser(message?.sender)
  const name = message?.sender === me ? words.conversation.you : (sender?.displayName ?? '')
  return (
    <div className="flex items-center gap-2 pb-1">
      <span className="flex size-11 shrink-0 items-center justify-center text-accent">
        {editing ? <EditIcon /> : <ReplyIcon />}
      </span>
      <div className="min-w-0 flex-1 border-accent border-l-4 pl-2 text-sm">
        <p className="truncate font-semibold text-link">
          {editing ? words.conversation.editing : words.conversation.replyingTo(name)}
        </p>
        <bdi className="block truncate text-muted">{message ? previewOf(message, words) : '…'}</bdi>
      </div>
      <IconButton label={words.app.cancel} onClick={onClose}>
        <CloseIcon />
      </IconButton>
    </div>
  )
}
