import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement, ReactNode } from 'react'
import { classes } from './classes.ts'

/** A menu that opens at `trigger` (an element that takes button props, such as `IconButton`). */
export function Menu({ trigger, children }: { trigger: ReactElement; children: ReactNode }) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="end" className="z-50 outline-none">
          <Base.Popup className="min-w-48 rounded-xl border border-line bg-raised p-1 shadow-popup outline-none transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

export function MenuItem({
  icon,
  danger = false,
  onSelect,
  children,
}: {
  icon?: ReactNode
  danger?: boolean
  onSelect: () => void
  children: ReactNode
}) {
  return (
    <Base.Item
      onClick={onSelect}
      className={classes(
        'flex min-h-11 cursor-pointer select-none items-center gap-3 rounded-lg px-3 outline-none data-highlighted:bg-hover',
        danger && 'text-danger',
      )}
    >
      {icon && <span className={danger ? undefined : 'text-muted'}>{icon}</span>}
      {children}
    </Base.Item>
  )
}
