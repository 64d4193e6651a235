import type { settings as english } from '../en/settings.ts'

export const settings: typeof english = {
  title: 'Einstellungen',
  appearance: 'Aussehen',
  system: 'Wie das System',
  light: 'Hell',
  dark: 'Dunkel',
  language: 'Sprache',
}
