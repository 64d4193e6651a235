import { EmojiPicker as Base, type EmojiPickerListComponents } from 'frimousse'
import { useLanguage, useWords } from '../words/words.ts'
import { Spinner } from './spinner.tsx'

const components: EmojiPickerListComponents = {
  CategoryHeader: ({ category, ...rest }) => (
    <div {...rest} className="bg-raised px-3 py-1.5 font-medium text-muted text-xs">
      {category.label}
    </div>
  ),
  Row: ({ children, ...rest }) => (
    <div {...rest} className="scroll-my-2 px-2">
      {children}
    </div>
  ),
  Emoji: ({ emoji, ...rest }) => (
    <button
      {...rest}
      type="button"
      className="flex size-9 items-center justify-center rounded-lg text-xl data-active:bg-hover"
    >
      {emoji.emoji}
    </button>
  ),
}

/** All emoji, found by their name in the language of the app. The data comes from this server. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const words = useWords()
  const language = useLanguage()
  return (
    <Base.Root
      locale={language}
      emojibaseUrl="/emoji"
      columns={8}
      onEmojiSelect={({ emoji }) => onPick(emoji)}
      className="isolate flex h-80 w-80 max-w-[calc(100vw-2rem)] flex-col"
    >
      <Base.Search
        aria-label={words.inbox.search}
        placeholder={words.inbox.search}
        className="m-2 min-h-11 rounded-xl border border-line bg-surface px-3"
      />
      <Base.Viewport className="relative flex-1 outline-hidden">
        <Base.Loading className="absolute inset-0 flex items-center justify-center text-muted">
          <Spinner label={words.app.loading} />
        </Base.Loading>
        <Base.Empty className="absolute inset-0 flex items-center justify-center text-muted">
          {words.conversation.nothingFound}
        </Base.Empty>
        <Base.List className="select-none pb-2" components={components} />
      </Base.Viewport>
    </Base.Root>
  )
}
