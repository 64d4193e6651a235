import { classes } from './classes.ts'

const tones = [
  'bg-[light-dark(#d9d6fb,#3a3780)] text-[light-dark(#372f9c,#cfccff)]',
  'bg-[light-dark(#cfe8f7,#1d4a63)] text-[light-dark(#0b4a6b,#b5e2fb)]',
  'bg-[light-dark(#d3f0e0,#1d5139)] text-[light-dark(#0d5433,#b4efd1)]',
  'bg-[light-dark(#fbe3cd,#63401c)] text-[light-dark(#74410c,#ffd9ae)]',
  'bg-[light-dark(#fad7e2,#642a40)] text-[light-dark(#7d1f40,#ffc4d6)]',
  'bg-[light-dark(#ead9f7,#50306b)] text-[light-dark(#592083,#e6c9ff)]',
]

const sizes = { small: 'size-8 text-xs', medium: 'size-12 text-base', large: 'size-24 text-[2rem]' }

/** The first letters of the first and the last word. */
function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined]
  return letters
    .map((word) => (word ? String.fromCodePoint(word.codePointAt(0) as number) : ''))
    .join('')
    .toUpperCase()
}

function toneOf(key: string): string {
  let sum = 0
  for (const letter of key) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973
  return tones[sum % tones.length] as string
}

/** Picture of a person or group; without one its initials. `id` chooses the colour; `online` shows the dot. */
export function Avatar({
  name,
  id,
  src,
  size = 'medium',
  online = false,
}: {
  name: string
  id: string
  src?: string | undefined
  size?: keyof typeof sizes
  online?: boolean
}) {
  return (
    <span aria-hidden="true" className={classes('relative inline-flex shrink-0 select-none', sizes[size])}>
      {src ? (
        <img src={src} alt="" className="size-full rounded-full object-cover" />
      ) : (
        <span className={classes('flex size-full items-center justify-center rounded-full font-semibold', toneOf(id))}>
          {initials(name) || '·'}
        </span>
      )}
      {online && (
        <span className="absolute right-0 bottom-0 size-1/4 min-h-2.5 min-w-2.5 rounded-full border-2 border-surface bg-good" />
      )}
    </span>
  )
}
