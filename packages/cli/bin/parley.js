#!/usr/bin/env node
// Old syntax on purpose: an old Node must get as far as the message.
var need = [24, 11]
var have = process.versions.node.split('.').map(Number)
if (have[0] < need[0] || (have[0] === need[0] && have[1] < need[1])) {
  console.error(
    'Parley needs Node ' +
      need.join('.') +
      ' or later; this is ' +
      process.version +
      '.\n' +
      'Run it with "npm start" or "npx parley", which bring their own Node, or install a newer one.',
  )
  process.exit(1)
}
import('../src/main.ts')
