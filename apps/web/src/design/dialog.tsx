import { Dialog as Base } from '@base-ui/react/dialog'
import type { ReactNode } from 'react'
import { useWords } from '../words/words.ts'
import { IconButton } from './button.tsx'
import { CloseIcon } from './icons.tsx'

/** A dialog over the app; a sheet from below on a phone. Escape and a press outside close it. */
export function Dialog({
  open,
  onClose,
  title,
  children,
  footer,
}: {
  open: boolean
  onClose: () => void
  title: string
  children: ReactNode
  footer?: ReactNode
}) {
  const words = useWords()
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-overlay transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup className="fixed inset-x-0 bottom-0 z-50 flex max-h-[92dvh] flex-col rounded-t-2xl bg-raised shadow-popup transition duration-150 ease-out data-ending-style:opacity-0 data-starting-style:translate-y-4 data-starting-style:opacity-0 wide:inset-x-auto wide:top-1/2 wide:bottom-auto wide:left-1/2 wide:max-h-[80dvh] wide:w-112 wide:-translate-x-1/2 wide:-translate-y-1/2 wide:rounded-2xl">
          <div className="flex items-center gap-2 py-2 pr-2 pl-5">
            <Base.Title className="min-w-0 flex-1 truncate text-lg font-semibold">{title}</Base.Title>
            <Base.Close render={<IconButton label={words.app.close} />}>
              <CloseIcon />
            </Base.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
          {footer && <div className="flex justify-end gap-2 border-line border-t px-5 py-3">{footer}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
