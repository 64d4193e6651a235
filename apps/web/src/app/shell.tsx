import { lazy, Suspense, useEffect } from 'react'
import { classes } from '../design/classes.ts'
import { EmptyState } from '../design/empty-state.tsx'
import { ChatIcon } from '../design/icons.tsx'
import { Inbox } from '../inbox/inbox.tsx'
import { useWords } from '../words/words.ts'

const load = () => import('../conversation/conversation.tsx')
const Conversation = lazy(async () => ({ default: (await load()).Conversation }))

/** The list and a conversation beside it; on a phone, one of the two. */
export function Shell({ conversation }: { conversation?: string | undefined }) {
  const words = useWords()
  // The list is there first; what is opened next is fetched while somebody looks at it.
  useEffect(() => void load().catch(() => {}), [])
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
          <Suspense>
            <Conversation key={conversation} id={conversation} />
          </Suspense>
        )}
      </main>
    </div>
  )
}
