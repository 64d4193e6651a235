import type { ReactNode } from 'react'

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-3">
      <h2 className="font-semibold text-muted text-sm">{title}</h2>
      {children}
    </section>
  )
}

/** A choice of yes or no, with its words beside it. */
export function Switch(props: {
  label: string
  checked: boolean
  disabled?: boolean
  onChange: (checked: boolean) => void
}) {
  const { label, checked, disabled = false, onChange } = props
  return (
    <label className="flex min-h-11 cursor-pointer items-center gap-3">
      <span className="flex-1">{label}</span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={checked}
        checked={checked}
        disabled={disabled}
        onChange={({ target }) => onChange(target.checked)}
        className="peer sr-only"
      />
      <span
        aria-hidden="true"
        className="relative h-6 w-10 shrink-0 rounded-full bg-line transition-colors after:absolute after:top-0.5 after:left-0.5 after:size-5 after:rounded-full after:bg-[#fff] after:shadow-raised after:transition-transform peer-checked:bg-accent peer-checked:after:translate-x-4 peer-focus-visible:outline-2 peer-focus-visible:outline-accent peer-focus-visible:outline-offset-2 peer-disabled:opacity-50"
      />
    </label>
  )
}

export function Choice<T extends string>(props: {
  label: string
  value: T
  choices: readonly (readonly [T, string])[]
  onChange: (value: T) => void
}) {
  const { label, value, choices, onChange } = props
  return (
    <label className="flex flex-col gap-1">
      {label}
      <select
        value={value}
        onChange={({ target }) => onChange(target.value as T)}
        className="min-h-11 rounded-xl border border-line bg-surface px-3"
      >
        {choices.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
