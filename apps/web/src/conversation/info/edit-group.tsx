import { type FormEvent, useState } from 'react'
import { useCalls } from '../../client/device-context.ts'
import { Button } from '../../design/button.tsx'
import { TextField } from '../../design/text-field.tsx'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'

/** Title and description, for those who lead a group. */
export function EditGroup({ onDone }: { onDone: () => void }) {
  const words = useWords()
  const calls = useCalls()
  const { conversation } = useConversationView()
  const [title, setTitle] = useState(conversation.title ?? '')
  const [description, setDescription] = useState(conversation.description ?? '')
  const [state, setState] = useState<'editing' | 'busy' | 'failed'>('editing')
  const save = (event: FormEvent) => {
    event.preventDefault()
    setState('busy')
    calls
      .conversation(conversation.id)
      .update({ title: title.trim(), description: description.trim() })
      .then(onDone, () => setState('failed'))
  }
  return (
    <form onSubmit={save} className="flex flex-col gap-3">
      <TextField
        label={words.conversation.title}
        value={title}
        maxLength={80}
        required
        onChange={({ target }) => setTitle(target.value)}
        error={state === 'failed' ? words.conversation.failed : undefined}
      />
      <TextField
        label={words.conversation.description}
        value={description}
        maxLength={500}
        onChange={({ target }) => setDescription(target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button kind="quiet" onClick={onDone}>
          {words.app.cancel}
        </Button>
        <Button type="submit" busy={state === 'busy'} disabled={title.trim() === ''}>
          {words.conversation.save}
        </Button>
      </div>
    </form>
  )
}
