import { createContext, useContext } from 'react'
import { en } from './en.ts'

/** Every text of the app, by room: `words.inbox.title`; a function where a number decides the form. */
export type Words = typeof en

export const languages = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof languages

const WordsContext = createContext<{ language: Language; words: Words }>({ language: 'en', words: en })

export const WordsProvider = WordsContext.Provider

export function useWords(): Words {
  return useContext(WordsContext).words
}

/** For `Intl`: dates and numbers in the language of the words. */
export function useLanguage(): Language {
  return useContext(WordsContext).language
}

const key = 'parley.language'

/** What was chosen, else the first of the browser's languages that there are words for. */
export function preferredLanguage(): Language {
  const chosen = localStorage.getItem(key)
  const wanted = [...(chosen ? [chosen] : []), ...navigator.languages].map((tag) => tag.split('-')[0] ?? '')
  return wanted.find((tag): tag is Language => tag in languages) ?? 'en'
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(key, language)
}

/** English is in the first load; others come when they are wanted. */
export async function loadWords(language: Language): Promise<Words> {
  return language === 'de' ? (await import('./de.ts')).de : en
}
