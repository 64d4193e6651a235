import type { User } from '@parley/protocol'
import { Avatar } from '../../design/avatar.tsx'
import { classes } from '../../design/classes.ts'
import { useWords } from '../../words/words.ts'

/** Whom the name that is being written may mean. The field keeps the focus. */
export function MentionList(props: { people: readonly User[]; active: number; onChoose: (username: string) => void }) {
  const { people, active, onChoose } = props
  const words = useWords().conversation
  return (
    <div
      id="mentions"
      role="listbox"
      aria-label={words.mentionsHere}
      className="absolute inset-x-2 bottom-full mb-1 rounded-xl border border-line bg-raised p-1 shadow-popup wide:right-auto wide:left-4 wide:w-80"
    >
      {people.map(({ id, username, displayName }, index) => (
        <div
          key={id}
          id={`mention-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          onPointerDown={(event) => {
            event.preventDefault()
            onChoose(username)
          }}
          className={classes(
            'flex min-h-11 cursor-pointer items-center gap-3 rounded-lg px-2',
            index === active && 'bg-hover',
          )}
        >
          <Avatar name={displayName} id={id} size="small" />
          <bdi className="min-w-0 flex-1 truncate">{displayName}</bdi>
          <span className="shrink-0 text-muted text-sm">@{username}</span>
        </div>
      ))}
    </div>
  )
}
