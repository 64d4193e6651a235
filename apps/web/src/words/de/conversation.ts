import type { conversation as english } from '../en/conversation.ts'
import { pluralFor } from '../plural.ts'

const plural = pluralFor('de')

export const conversation: typeof english = {
  messages: 'Nachrichten',
  write: 'Nachricht',
  send: 'Senden',
  choose: 'Wähle eine Unterhaltung',
  chooseHint: 'Deine Nachrichten liegen auf diesem Gerät, auch ohne Netz.',
  gone: 'Diese Unterhaltung gibt es hier nicht',
  members: (count) => plural(count, { one: '# Mitglied', other: '# Mitglieder' }),
  waiting: 'Wartet auf den Versand',
  sent: 'Gesendet',
  delivered: 'Zugestellt',
  seen: 'Gesehen',
  edited: 'bearbeitet',
  olderFailed: 'Ältere Nachrichten konnten nicht geladen werden.',
  beginning: 'Hier hat es angefangen',
  empty: 'Sag Hallo',
}
