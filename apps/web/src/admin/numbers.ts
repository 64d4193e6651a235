import type { Language, Words } from '../words/words.ts'

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** Bytes as people read them: three digits and a unit. */
export function formatBytes(bytes: number, language: Language): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[power] as string,
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power === 0 || value >= 100 ? 0 : 1,
  }).format(value)
}

/** How long something runs, in its largest unit. */
export function formatDuration(ms: number, words: Words): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return words.admin.minutes(Math.max(0, minutes))
  if (minutes < 48 * 60) return words.admin.hours(Math.floor(minutes / 60))
  return words.admin.days(Math.floor(minutes / 1440))
}

export const formatDate = (at: number, language: Language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(at)

export const formatTime = (at: number, language: Language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(at)
