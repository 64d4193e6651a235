import { classes } from './classes.ts'

/** Something is under way. `label` is read aloud; without one it is decoration. */
export function Spinner({ small = false, label }: { small?: boolean; label?: string }) {
  return (
    <span role={label ? 'status' : undefined} aria-hidden={label ? undefined : true} className="inline-flex">
      <span
        className={classes(
          'animate-spin rounded-full border-current border-r-transparent',
          small ? 'size-4 border-2' : 'size-7 border-[3px]',
        )}
      />
      {label && <span className="sr-only">{label}</span>}
    </span>
  )
}
