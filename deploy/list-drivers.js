// Prints the drivers of the scaled engines as `name@version`: optional for a server, named by the image.
import { readFileSync } from 'node:fs'

const { peerDependencies, devDependencies } = JSON.parse(
  readFileSync(new URL('../packages/server/package.json', import.meta.url), 'utf8'),
)
console.log(
  Object.keys(peerDependencies)
    .map((name) => `${name}@${devDependencies[name]}`)
    .join(' '),
)
