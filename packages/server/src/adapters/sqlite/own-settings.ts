import type { Settings } from '@parley/protocol'
import type { OwnSettings } from '../../conversations/own-store.ts'

/** As they are stored: JSON, with their time among them. */
export function settingsIn(text: string | undefined): OwnSettings {
  const { at = 0, ...settings } = JSON.parse(text ?? '{}') as Settings & { at?: number }
  return { settings, at }
}
