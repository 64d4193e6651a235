import { useState } from 'react'
import { useMessage } from '../client/use-message.ts'
import { PinIcon } from '../design/icons.tsx'
import { previewOf } from '../inbox/preview.ts'
import { useWords } from '../words/words.ts'
import { useConversationView } from './conversation-view.ts'

/** What is pinned, the newest first; each press shows it where it stands and goes on to the next. */
export function PinnedBar() {
  const words = useWords()
  const { conversation, jump } = useConversationView()
  const pins = [...(conversation.pins ?? [])].reverse()
  const [turn, setTurn] = useState(0)
  const seq = pins[turn % Math.max(1, pins.length)]
  const message = useMessage(conversation.id, seq)
  if (seq === undefined || message === null) return null
  return (
    <button
      type="button"
      onClick={() => {
        jump(seq)
        setTurn((now) => now + 1)
      }}
      className="flex min-h-11 w-full shrink-0 items-center gap-3 border-line border-b bg-surface px-4 py-1.5 text-left hover:bg-hover"
    >
      <span className="text-accent">
        <PinIcon size={18} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block font-semibold text-link text-xs">
          {words.conversation.pinned}
          {pins.length > 1 && ` ${(turn % pins.length) + 1}/${pins.length}`}
        </span>
        <bdi className="block truncate text-sm">{message ? previewOf(message, words) : '…'}</bdi>
      </span>
    </button>
  )
}
