import type { ReactNode } from 'react'

/** Where there is nothing to show: why, and what to do. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="flex h-full min-h-48 flex-col items-center justify-center gap-2 p-8 text-center">
      {icon && (
        <div className="mb-2 flex size-16 items-center justify-center rounded-full bg-accent-soft text-accent">
          {icon}
        </div>
      )}
      <p className="text-lg font-semibold">{title}</p>
      {children && <p className="max-w-80 text-muted">{children}</p>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  )
}
