import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Plugin } from 'vite'

const { resolve } = createRequire(import.meta.url)

/** What the picker asks for, by where it asks. */
const files = {
  'emoji/en/data.json': resolve('emojibase-data/en/data.json'),
  'emoji/en/messages.json': resolve('emojibase-data/en/messages.json'),
  'emoji/de/data.json': resolve('emojibase-data/de/data.json'),
  'emoji/de/messages.json': resolve('emojibase-data/de/messages.json'),
}

/** Emoji and their names in the languages of the app, served by the app itself. */
export function emojiData(): Plugin {
  return {
    name: 'parley-emoji-data',
    apply: 'build',
    generateBundle() {
      for (const [fileName, path] of Object.entries(files)) {
        this.emitFile({ type: 'asset', fileName, source: readFileSync(path) })
      }
    },
  }
}
