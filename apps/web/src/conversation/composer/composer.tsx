import type { Conversation } from '@parley/client'
import { type KeyboardEvent, useState } from 'react'
import { useCalls } from '../../client/device-context.ts'
import { IconButton } from '../../design/button.tsx'
import { SendIcon } from '../../design/icons.tsx'
import { useWords } from '../../words/words.ts'

export function Composer({ conversation }: { conversation: Conversation }) {
  const words = useWords()
  const calls = useCalls()
  const [text, setText] = useState('')
  const send = () => {
    const said = text.trim()
    if (said === '') return
    setText('')
    // What is refused for good comes back into the composer; what cannot be sent yet waits in the outbox.
    calls
      .conversation(conversation.id)
      .send(said)
      .catch(() => setText((now) => now || said))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
      className="flex shrink-0 items-end gap-2 border-line border-t bg-surface p-2 wide:px-4"
    >
      <textarea
        aria-label={words.conversation.write}
        placeholder={words.conversation.write}
        dir="auto"
        rows={1}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={onKeyDown}
        className="field-sizing-content max-h-40 min-h-11 min-w-0 flex-1 resize-none rounded-2xl border border-line bg-ground px-4 py-2.5"
      />
      <IconButton type="submit" label={words.conversation.send} disabled={text.trim() === ''} className="text-accent">
        <SendIcon />
      </IconButton>
    </form>
  )
}
