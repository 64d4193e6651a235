import type { ReactNode } from 'react'
import { memo } from 'react'
import { linksIn } from './links.ts'

/** Text as text: links are what is surely an address, everything else is shown as it was written. */
export const Text = memo(function Text({ text }: { text: string; mentions?: readonly string[] | undefined }) {
  return (
    <span dir="auto" className="block whitespace-pre-wrap wrap-anywhere">
      {parts(text)}
    </span>
  )
})

function parts(text: string): ReactNode[] {
  const shown: ReactNode[] = []
  let at = 0
  for (const { start, end, href } of linksIn(text)) {
    shown.push(text.slice(at, start))
    shown.push(
      <a key={start} href={href} target="_blank" rel="noreferrer noopener" className="text-link underline">
        {text.slice(start, end)}
      </a>,
    )
    at = end
  }
  shown.push(text.slice(at))
  return shown
}
