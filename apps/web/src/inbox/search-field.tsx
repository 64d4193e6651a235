import type { Ref } from 'react'
import { IconButton } from '../design/button.tsx'
import { CloseIcon, SearchIcon } from '../design/icons.tsx'
import { useWords } from '../words/words.ts'

export function SearchField({
  value,
  onChange,
  ref,
}: {
  value: string
  onChange: (value: string) => void
  ref?: Ref<HTMLInputElement>
}) {
  const words = useWords()
  return (
    <search className="relative mx-3 mb-2 flex items-center">
      <span className="pointer-events-none absolute left-3 text-muted">
        <SearchIcon size={18} />
      </span>
      <input
        ref={ref}
        type="text"
        enterKeyHint="search"
        dir="auto"
        aria-label={words.inbox.search}
        placeholder={words.inbox.search}
        value={value}
        onChange={({ target }) => onChange(target.value)}
        onKeyDown={({ key }) => key === 'Escape' && onChange('')}
        className="min-h-11 w-full rounded-full bg-ground pr-11 pl-10"
      />
      {value !== '' && (
        <IconButton label={words.inbox.clearSearch} onClick={() => onChange('')} className="absolute right-0">
          <CloseIcon size={18} />
        </IconButton>
      )}
    </search>
  )
}
