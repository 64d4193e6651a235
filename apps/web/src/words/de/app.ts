import type { app as english } from '../en/app.ts'

export const app: typeof english = {
  name: 'Parley',
  close: 'Schließen',
  cancel: 'Abbrechen',
  back: 'Zurück',
  retry: 'Erneut versuchen',
  loading: 'Wird geladen …',
  more: 'Mehr',
  skipToConversation: 'Zur Unterhaltung springen',
  crashed: 'Auf dieser Seite ist etwas schiefgegangen',
  crashedHint: 'Nichts Gesendetes oder Empfangenes ist verloren. Lade die Seite neu, um weiterzumachen.',
  reload: 'Neu laden',
  notFound: 'Unter dieser Adresse gibt es nichts',
  connecting: 'Verbindung wird hergestellt …',
  catchingUp: 'Wird aktualisiert …',
  waiting: 'Keine Verbindung. Nachrichten werden gesendet, sobald sie wieder da ist.',
  closed: 'Getrennt',
  progress: {
    waiting: 'Wartet auf den Versand',
    sent: 'Gesendet',
    delivered: 'Zugestellt',
    seen: 'Gesehen',
    refused: 'Nicht gesendet',
  },
  takenOver: 'Dieses Gerät ist anderswo verbunden.',
}
