import { type FormEvent, useState } from 'react'
import { useCalls } from '../client/device-context.ts'
import { useConversationView } from '../conversation/conversation-view.ts'
import { Button } from '../design/button.tsx'
import { Dialog } from '../design/dialog.tsx'
import { TextField } from '../design/text-field.tsx'
import { useWords } from '../words/words.ts'

/** Shares somebody's name and number. */
export function ContactDialog() {
  const words = useWords()
  const calls = useCalls()
  const { conversation, open } = useConversationView()
  const [name, setName] = useState('')
  const [phone, setPhone] = useState('')
  const send = (event: FormEvent) => {
    event.preventDefault()
    const phones = phone.trim() === '' ? {} : { phones: [phone.trim()] }
    void calls
      .conversation(conversation.id)
      .send({ contact: { name: name.trim(), ...phones } })
      .catch(() => {})
    open(undefined)
  }
  return (
    <Dialog open onClose={() => open(undefined)} title={words.media.contact}>
      <form onSubmit={send} className="flex flex-col gap-3">
        <TextField
          label={words.media.contactName}
          value={name}
          required
          maxLength={80}
          onChange={({ target }) => setName(target.value)}
        />
        <TextField
          label={words.media.contactPhone}
          type="tel"
          value={phone}
          maxLength={32}
          onChange={({ target }) => setPhone(target.value)}
        />
        <Button type="submit" disabled={name.trim() === ''}>
          {words.conversation.send}
        </Button>
      </form>
    </Dialog>
  )
}
