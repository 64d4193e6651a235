import { lazy, Suspense, useState } from 'react'
import { IconButton } from '../../design/button.tsx'
import { EmojiIcon } from '../../design/icons.tsx'
import { useWords } from '../../words/words.ts'

const EmojiPopover = lazy(async () => ({ default: (await import('./emoji-popover.tsx')).EmojiPopover }))

/** Opens the emoji; they are loaded with the first press. */
export function EmojiButton({ onPick }: { onPick: (emoji: string) => void }) {
  const words = useWords().conversation
  const [open, setOpen] = useState(false)
  const [button, setButton] = useState<HTMLButtonElement | null>(null)
  return (
    <>
      <IconButton
        ref={setButton}
        label={words.emoji}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen((now) => !now)}
      >
        <EmojiIcon />
      </IconButton>
      {open && (
        <Suspense>
          <EmojiPopover anchor={button} onClose={() => setOpen(false)} onPick={onPick} />
        </Suspense>
      )}
    </>
  )
}
