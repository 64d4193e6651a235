#!/usr/bin/env node
// Old syntax on purpose: an old Node must get as far as the message.
import { existsSync } from 'node:fs'
import * as modules from 'node:module'
import { fileURLToPath } from 'node:url'
import * as v8 from 'node:v8'

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
var isRepository = existsSync(source)
// What Node made of the modules is kept beside them: a start takes half the time. Whoever may write there could as well
// change the modules; where this process may not, nothing is kept.
var kept = isRepository ? '../../../node_modules/.cache/parley' : '../../.cache/parley'
modules.enableCompileCache(fileURLToPath(new URL(kept, import.meta.url)))
// A server that is killed leaves it for its next start all the same.
setTimeout(modules.flushCompileCache, 2000).unref()
// What passes through to many readers is garbage at once: it is collected when it is half of what lives, not twice as much.
v8.setFlagsFromString('--heap-growing-percent=50')
import(isRepository ? source.href : new URL('../dist/main.js', import.meta.url).href)
