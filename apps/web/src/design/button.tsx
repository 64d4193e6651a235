import type { ButtonHTMLAttributes, Ref } from 'react'
import { classes } from './classes.ts'
import { Spinner } from './spinner.tsx'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: 'primary' | 'quiet' | 'danger'
  /** Shows that it is under way, and takes no second press. */
  busy?: boolean
  ref?: Ref<HTMLButtonElement>
}

const kinds = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  quiet: 'bg-transparent text-link hover:bg-hover',
  danger: 'bg-danger text-on-danger hover:opacity-90',
}

export function Button({ kind = 'primary', busy = false, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={classes(
        'inline-flex min-h-11 items-center justify-center gap-2 rounded-xl px-4 font-semibold transition-colors disabled:opacity-55',
        kinds[kind],
        className,
      )}
    >
      {busy && <Spinner small />}
      {children}
    </button>
  )
}

export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What it does; read aloud and shown as its title. */
  label: string
  ref?: Ref<HTMLButtonElement>
}

/** A round button of 44 px with an icon as its child. */
export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...rest}
      className={classes(
        'inline-flex size-11 shrink-0 items-center justify-center rounded-full text-muted transition-colors hover:bg-hover hover:text-text disabled:opacity-45',
        className,
      )}
    >
      {children}
    </button>
  )
}
