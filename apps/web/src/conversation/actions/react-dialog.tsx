import type { Message } from '@parley/protocol'
import { useCalls } from '../../client/device-context.ts'
import { Dialog } from '../../design/dialog.tsx'
import { EmojiPicker } from '../../design/emoji-picker.tsx'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'

export function ReactDialog({ message }: { message: Message }) {
  const words = useWords().conversation
  const calls = useCalls()
  const { open } = useConversationView()
  const react = (emoji: string) => {
    void calls
      .conversation(message.conversation)
      .react(message.seq, emoji)
      .catch(() => {})
    open(undefined)
  }
  return (
    <Dialog open onClose={() => open(undefined)} title={words.react}>
      <div className="flex justify-center">
        <EmojiPicker onPick={react} />
      </div>
    </Dialog>
  )
}
