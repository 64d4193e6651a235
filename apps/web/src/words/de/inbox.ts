import type { inbox as english } from '../en/inbox.ts'
import { pluralFor } from '../plural.ts'

const plural = pluralFor('de')

export const inbox: typeof english = {
  title: 'Chats',
  conversations: 'Unterhaltungen',
  search: 'Suchen',
  newChat: 'Neuer Chat',
  emptyTitle: 'Noch keine Unterhaltungen',
  emptyHint: 'Finde jemanden über den Benutzernamen und sag Hallo.',
  unread: (count) => plural(count, { one: '# ungelesene Nachricht', other: '# ungelesene Nachrichten' }),
  you: 'Du',
  draft: 'Entwurf:',
  deleted: 'Nachricht gelöscht',
  nothingYet: 'Noch keine Nachrichten',
  unnamed: 'Unbekannt',
  photo: 'Foto',
  video: 'Video',
  voice: 'Sprachnachricht',
  file: 'Datei',
  location: 'Standort',
  contact: 'Kontakt',
  sealed: 'Verschlüsselte Nachricht',
  yesterday: 'Gestern',
  findPeople: 'Benutzername',
  nobody: 'Niemand mit diesem Namen',
  people: 'Personen',
}
