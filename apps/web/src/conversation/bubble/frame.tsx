import type { ReactNode } from 'react'
import { classes } from '../../design/classes.ts'
import { useLanguage } from '../../words/words.ts'

/** The bubble around a message: colour and side say whose it is. */
export function Frame(props: {
  own: boolean
  last: boolean
  at: number
  /** Stands out: somebody jumped here. */
  marked?: boolean
  seq?: number
  meta?: ReactNode
  ticks?: ReactNode
  actions?: ReactNode
  children: ReactNode
}) {
  const { own, last, at, marked = false, seq, meta, ticks, actions, children } = props
  const language = useLanguage()
  return (
    <article
      data-seq={seq}
      tabIndex={-1}
      className={classes(
        'relative max-w-[85%] rounded-bubble px-3 py-1.5 shadow-raised transition-shadow duration-300 wide:max-w-[min(70%,38rem)]',
        own ? 'bg-bubble-own' : 'bg-bubble',
        last && (own ? 'rounded-br-md' : 'rounded-bl-md'),
        marked && 'ring-2 ring-accent',
      )}
    >
      {children}
      <span className="float-right mt-1.5 ml-3 flex select-none items-center gap-1 text-muted text-xs">
        {meta}
        <time dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString(language)}>
          {timeOf(language, at)}
        </time>
        {ticks}
      </span>
      {actions}
    </article>
  )
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making a format costs more than using it a hundred times. */
function timeOf(language: string, at: number): string {
  let format = formats.get(language)
  if (!format) {
    format = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' })
    formats.set(language, format)
  }
  return format.format(at)
}
