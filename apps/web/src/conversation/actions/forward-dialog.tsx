import type { Message } from '@parley/protocol'
import { useMemo, useState } from 'react'
import { useCalls } from '../../client/device-context.ts'
import { useConversations } from '../../client/use-conversations.ts'
import { Avatar } from '../../design/avatar.tsx'
import { Button } from '../../design/button.tsx'
import { classes } from '../../design/classes.ts'
import { Dialog } from '../../design/dialog.tsx'
import { CheckIcon } from '../../design/icons.tsx'
import { TextField } from '../../design/text-field.tsx'
import { nameOf } from '../../inbox/name-of.ts'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'

/** Shown at once; the rest is found by its name. */
const mostShown = 50
const mostChosen = 10

/** Says a message again in other conversations. */
export function ForwardDialog({ message }: { message: Message }) {
  const words = useWords()
  const calls = useCalls()
  const { open } = useConversationView()
  const conversations = useConversations()
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const close = () => open(undefined)
  const found = useMemo(() => {
    const wanted = query.trim().toLocaleLowerCase()
    return conversations
      .filter((one) => one.role !== null && nameOf(one, words).toLocaleLowerCase().includes(wanted))
      .slice(0, mostShown)
  }, [conversations, query, words])
  const toggle = (id: string) =>
    setChosen((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id].slice(-mostChosen)))
  const send = () => {
    // It goes through the outbox of each, which keeps it until it is there.
    void calls
      .conversation(message.conversation)
      .forward(message.seq, chosen)
      .catch(() => {})
    close()
  }
  return (
    <Dialog
      open
      onClose={close}
      title={words.conversation.forwardTo}
      footer={
        <Button disabled={chosen.length === 0} onClick={send}>
          {words.conversation.send}
        </Button>
      }
    >
      <div className="flex min-h-72 flex-col gap-2">
        <TextField label={words.inbox.search} value={query} onChange={({ target }) => setQuery(target.value)} />
        <ul aria-label={words.inbox.conversations}>
          {found.map((one) => {
            const name = nameOf(one, words)
            const on = chosen.includes(one.id)
            return (
              <li key={one.id}>
                <button
                  type="button"
                  aria-pressed={on}
                  onClick={() => toggle(one.id)}
                  className={classes(
                    'flex w-full items-center gap-3 rounded-xl p-2 text-left hover:bg-hover',
                    on && 'bg-selected',
                  )}
                >
                  <Avatar name={name} id={one.peer?.id ?? one.id} size="small" />
                  <bdi className="min-w-0 flex-1 truncate" title={name}>
                    {name}
                  </bdi>
                  {on && <CheckIcon />}
                </button>
              </li>
            )
          })}
        </ul>
        {found.length === 0 && <p className="p-2 text-muted">{words.conversation.nothingFound}</p>}
      </div>
    </Dialog>
  )
}
