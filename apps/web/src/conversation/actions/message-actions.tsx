import type { Message } from '@parley/protocol'
import { lazy, memo, Suspense, useState } from 'react'
import { IconButton } from '../../design/button.tsx'
import { MoreIcon } from '../../design/icons.tsx'
import { useWords } from '../../words/words.ts'

const MessageMenu = lazy(async () => ({ default: (await import('./message-menu.tsx')).MessageMenu }))

/** The button of a message; its menu is made when it is wanted. */
export const MessageActions = memo(function MessageActions(props: { message: Message; own: boolean; pinned: boolean }) {
  const words = useWords().conversation
  const [anchor, setAnchor] = useState<HTMLElement>()
  return (
    <>
      <IconButton
        data-actions=""
        tabIndex={-1}
        label={words.actions}
        aria-haspopup="menu"
        aria-expanded={anchor !== undefined}
        onClick={({ currentTarget }) => setAnchor(currentTarget)}
        className="-top-1 -right-1 absolute size-9 bg-inherit opacity-0 focus-visible:opacity-100 group-hover/row:opacity-100 aria-expanded:opacity-100 pointer-coarse:opacity-60"
      >
        <MoreIcon size={18} />
      </IconButton>
      {anchor && (
        <Suspense>
          <MessageMenu {...props} anchor={anchor} onClose={() => setAnchor(undefined)} />
        </Suspense>
      )}
    </>
  )
})
