import type { Language } from '../words/words.ts'

const day = 24 * 60 * 60 * 1000

/** A time as a list shows it: the hour today, the weekday within a week, else the date. */
export function shortWhen(at: number, now: number, language: Language, yesterday: string): string {
  const startOfToday = new Date(now).setHours(0, 0, 0, 0)
  if (at >= startOfToday) return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(at)
  if (at >= startOfToday - day) return yesterday
  if (at >= startOfToday - 6 * day) return new Intl.DateTimeFormat(language, { weekday: 'short' }).format(at)
  return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'numeric', year: '2-digit' }).format(at)
}
