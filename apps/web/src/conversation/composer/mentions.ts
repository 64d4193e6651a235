import type { User, UserId } from '@parley/protocol'

const mostListed = 6

/** What is being written at the caret that looks like a mention, and who it may mean. */
export function mentionAt(
  text: string,
  caret: number,
  people: readonly User[],
): { start: number; people: readonly User[] } | undefined {
  const match = /(^|\s)@([a-z0-9_.]{0,32})$/i.exec(text.slice(0, caret))
  if (!match || people.length === 0) return undefined
  const wanted = (match[2] ?? '').toLowerCase()
  const found = people.filter(
    ({ username, displayName }) => username.startsWith(wanted) || displayName.toLowerCase().startsWith(wanted),
  )
  return found.length === 0 ? undefined : { start: caret - wanted.length - 1, people: found.slice(0, mostListed) }
}

/** Members whose @username stands in a text. */
export function mentionsIn(text: string, people: readonly User[]): UserId[] {
  if (!text.includes('@')) return []
  const named = new Set(
    [...text.matchAll(/(?:^|[^a-z0-9_.])@([a-z0-9_.]{3,32})/gi)].map((match) => fold(match[1] ?? '')),
  )
  return people.filter(({ username }) => named.has(username)).map(({ id }) => id)
}

/** A full stop behind a name ends the sentence. */
const fold = (name: string): string => name.toLowerCase().replace(/\.+$/, '')

export function insertAt(text: string, from: number, to: number, put: string): { text: string; caret: number } {
  return { text: text.slice(0, from) + put + text.slice(to), caret: from + put.length }
}
