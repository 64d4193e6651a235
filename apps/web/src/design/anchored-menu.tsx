import { Menu as Base } from '@base-ui/react/menu'
import type { ReactNode } from 'react'

/** A menu that is open while there is an `anchor`; closing it gives the focus back to `anchor`. Its items are `MenuItem`. */
export function AnchoredMenu({
  anchor,
  label,
  onClose,
  children,
}: {
  anchor: HTMLElement | undefined
  label: string
  onClose: () => void
  children: ReactNode
}) {
  return (
    <Base.Root open={anchor !== undefined} onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Positioner anchor={anchor ?? null} sideOffset={4} align="end" className="z-50 outline-none">
          <Base.Popup
            aria-label={label}
            finalFocus={() => anchor ?? true}
            className="min-w-52 rounded-xl border border-line bg-raised p-1 shadow-popup outline-none transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0"
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
