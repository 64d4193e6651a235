#!/usr/bin/env node
// Old syntax on purpose: an old Node must get as far as the message.
import { existsSync } from 'node:fs'

var need = [24, 11]
var have = process.versions.node.split('.').map(Number)
if (have[0] < need[0] || (have[0] === need[0] && have[1] < need[1])) {
  console.error(
    'Parley needs Node ' + need.join('.') + ' or later; this is ' + process.version + '.\n' +
      'In the repository "npm start" and "npx parley" bring their own; elsewhere install a newer one.',
  )
  process.exit(1)
}
// The repository runs its sources; a packed release has only what was compiled.
var source = new URL('../src/main.ts', import.meta.url)
import(existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href)
