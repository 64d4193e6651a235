import { useState } from 'react'
import { chooseTheme, chosenTheme, type Theme } from '../app/theme.ts'
import { chooseLanguage, type Language, languages, useLanguage, useWords } from '../words/words.ts'
import { Choice, Section } from './section.tsx'

export function Appearance() {
  const words = useWords().settings
  const language = useLanguage()
  const [theme, setTheme] = useState(chosenTheme)
  const themes: [Theme, string][] = [
    ['system', words.system],
    ['light', words.light],
    ['dark', words.dark],
  ]
  return (
    <Section title={words.appearance}>
      <Choice
        label={words.appearance}
        value={theme}
        choices={themes}
        onChange={(chosen) => {
          chooseTheme(chosen)
          setTheme(chosen)
        }}
      />
      <Choice
        label={words.language}
        value={language}
        choices={Object.entries(languages) as [Language, string][]}
        onChange={(chosen) => {
          chooseLanguage(chosen)
          location.reload()
        }}
      />
    </Section>
  )
}
