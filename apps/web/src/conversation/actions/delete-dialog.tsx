import type { Message } from '@parley/protocol'
import { useState } from 'react'
import { useCalls } from '../../client/device-context.ts'
import { Button } from '../../design/button.tsx'
import { Dialog } from '../../design/dialog.tsx'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'
import { mayDelete } from './rights.ts'

export function DeleteDialog({ message }: { message: Message }) {
  const words = useWords()
  const calls = useCalls()
  const { conversation, me, open } = useConversationView()
  const [failed, setFailed] = useState(false)
  const close = () => open(undefined)
  const remove = (how: 'me' | 'everyone') =>
    calls
      .conversation(conversation.id)
      .delete(message.seq, how)
      .then(close, () => setFailed(true))
  return (
    <Dialog open onClose={close} title={words.conversation.removeTitle}>
      <div className="flex flex-col gap-2 pt-2">
        {failed && (
          <p role="alert" className="text-danger">
            {words.conversation.failed}
          </p>
        )}
        {mayDelete(message, message.sender === me, conversation) && (
          <Button kind="danger" onClick={() => void remove('everyone')}>
            {words.conversation.removeForEveryone}
          </Button>
        )}
        <Button kind="danger" onClick={() => void remove('me')}>
          {words.conversation.removeForMe}
        </Button>
        <Button kind="quiet" onClick={close}>
          {words.app.cancel}
        </Button>
      </div>
    </Dialog>
  )
}
