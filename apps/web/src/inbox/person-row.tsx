import type { User } from '@parley/protocol'
import { CheckIcon } from '../design/icons.tsx'
import { AvatarOf } from '../media/avatar-of.tsx'

/** Somebody to be chosen; `chosen` is told where several can be. */
export function PersonRow({ user, chosen, onSelect }: { user: User; chosen?: boolean; onSelect: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onSelect}
      className="flex min-h-16 w-full items-center gap-3 rounded-xl px-3 py-2 text-left hover:bg-hover"
    >
      <AvatarOf name={user.displayName} id={user.id} picture={user.avatar} />
      <span className="flex min-w-0 flex-1 flex-col">
        <bdi title={user.displayName} className="truncate font-semibold">
          {user.displayName}
        </bdi>
        <span className="truncate text-sm text-muted">@{user.username}</span>
      </span>
      {chosen && (
        <span className="text-link">
          <CheckIcon />
        </span>
      )}
    </button>
  )
}
