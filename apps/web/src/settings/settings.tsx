import { Link } from 'wouter'
import { paths } from '../app/paths.ts'
import { chooseTheme, chosenTheme, type Theme } from '../app/theme.ts'
import { useCalls } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { BackIcon } from '../design/icons.tsx'
import { chooseLanguage, type Language, languages, useLanguage, useWords } from '../words/words.ts'

/** Appearance, language, log out. */
export function Settings() {
  const words = useWords()
  const calls = useCalls()
  const language = useLanguage()
  const themes: [Theme, string][] = [
    ['system', words.settings.system],
    ['light', words.settings.light],
    ['dark', words.settings.dark],
  ]
  return (
    <main className="mx-auto flex h-full max-w-160 flex-col overflow-y-auto bg-surface">
      <header className="flex items-center gap-2 p-2">
        <Link
          href={paths.inbox}
          aria-label={words.app.back}
          className="flex size-11 items-center justify-center rounded-full hover:bg-hover"
        >
          <BackIcon />
        </Link>
        <h1 className="text-lg font-semibold">{words.settings.title}</h1>
      </header>
      <div className="flex flex-col gap-5 p-5">
        <label className="flex flex-col gap-1 font-medium">
          {words.settings.appearance}
          <select
            defaultValue={chosenTheme()}
            onChange={({ target }) => chooseTheme(target.value as Theme)}
            className="min-h-11 rounded-xl border border-line bg-surface px-3 font-normal"
          >
            {themes.map(([theme, text]) => (
              <option key={theme} value={theme}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label className="flex flex-col gap-1 font-medium">
          {words.settings.language}
          <select
            defaultValue={language}
            onChange={({ target }) => {
              chooseLanguage(target.value as Language)
              location.reload()
            }}
            className="min-h-11 rounded-xl border border-line bg-surface px-3 font-normal"
          >
            {Object.entries(languages).map(([tag, text]) => (
              <option key={tag} value={tag}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <Button kind="danger" onClick={() => void calls.logOut().catch(() => calls.forget())}>
          {words.accounts.logOut}
        </Button>
      </div>
    </main>
  )
}
