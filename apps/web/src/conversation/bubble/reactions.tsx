import type { Message } from '@parley/protocol'
import { useCalls } from '../../client/device-context.ts'
import { classes } from '../../design/classes.ts'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'

/** Who reacted with what; a press adds mine to it, or takes it back. */
export function Reactions({ message, own }: { message: Message; own: boolean }) {
  const words = useWords().conversation
  const calls = useCalls()
  const { me } = useConversationView()
  const reactions = Object.entries(message.reactions ?? {}).filter(([, users]) => users.length > 0)
  if (reactions.length === 0) return null
  const react = (emoji: string, mine: boolean) =>
    void calls
      .conversation(message.conversation)
      .react(message.seq, mine ? null : emoji)
      .catch(() => {})
  return (
    <div className={classes('-mt-1 flex max-w-[85%] flex-wrap gap-1 pb-1', own ? 'mr-2 justify-end' : 'ml-2')}>
      {reactions.map(([emoji, users]) => {
        const mine = users.includes(me)
        return (
          <button
            key={emoji}
            type="button"
            aria-pressed={mine}
            aria-label={words.reacted(emoji, users.length)}
            onClick={() => react(emoji, mine)}
            className={classes(
              'relative inline-flex h-7 items-center gap-1 rounded-full border px-2 text-sm after:absolute after:-inset-2',
              mine ? 'border-accent bg-accent-soft' : 'border-line bg-raised',
            )}
          >
            <span>{emoji}</span>
            {users.length > 1 && <span className="text-muted text-xs">{users.length}</span>}
          </button>
        )
      })}
    </div>
  )
}
