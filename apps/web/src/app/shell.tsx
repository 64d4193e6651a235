import { Conversation } from '../conversation/conversation.tsx'
import { classes } from '../design/classes.ts'
import { EmptyState } from '../design/empty-state.tsx'
import { ChatIcon } from '../design/icons.tsx'
import { Inbox } from '../inbox/inbox.tsx'
import { useWords } from '../words/words.ts'

/** The list and a conversation beside it; on a phone, one of the two. */
export function Shell({ conversation }: { conversation?: string | undefined }) {
  const words = useWords()
  return (
    <div className="flex h-full bg-ground">
      <aside
        className={classes(
          'h-full w-full min-w-0 flex-col border-line bg-surface wide:flex wide:w-92 wide:shrink-0 wide:border-r',
          conversation === undefined ? 'flex' : 'hidden',
        )}
      >
        <Inbox selected={conversation} />
      </aside>
      <main className={classes('h-full min-w-0 flex-1', conversation === undefined && 'hidden wide:block')}>
        {conversation === undefined ? (
          <EmptyState icon={<ChatIcon size={30} />} title={words.conversation.choose}>
            {words.conversation.chooseHint}
          </EmptyState>
        ) : (
          <Conversation key={conversation} id={conversation} />
        )}
      </main>
    </div>
  )
}
