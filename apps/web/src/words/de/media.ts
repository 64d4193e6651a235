import type { media as english } from '../en/media.ts'

export const media: typeof english = {
  attach: 'Datei anhängen',
}
