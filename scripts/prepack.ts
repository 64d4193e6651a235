import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Before `npm pack` of a package (its folder is the working directory): compiles it and those it needs, and lets
 * package.json point at what was compiled. `postpack` puts the file back as it was.
 */
type Exports = Record<string, string | { types: string; default: string }>

const compiled = (source: string): { types: string; default: string } => {
  const path = source.replace('./src/', './dist/').replace(/\.ts$/, '')
  return { types: `${path}.d.ts`, default: `${path}.js` }
}

const root = join(import.meta.dirname, '..')
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
execFileSync(process.execPath, [tsc, '-b', 'tsconfig.build.json'], { stdio: ['ignore', 2, 2] })
if (process.env.npm_package_name === '@parley/server') packWebApp()
copyFileSync('package.json', 'package.json.source')
copyFileSync(join(root, 'LICENSE'), 'LICENSE')
const {
  exports,
  scripts: _,
  ...rest
} = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Exports; scripts: object }
const rewritten = Object.fromEntries(
  Object.entries(exports).map(([name, target]) => [name, typeof target === 'string' ? compiled(target) : target]),
)
writeFileSync('package.json', `${JSON.stringify({ ...rest, exports: rewritten }, null, 2)}\n`)

/** A server carries the web app, built. */
function packWebApp(): void {
  const web = join(root, 'apps', 'web')
  execFileSync(process.execPath, [join(web, 'build.ts'), '--if-old', '--quiet'], { stdio: ['ignore', 2, 2] })
  rmSync(join('dist', 'web'), { recursive: true, force: true })
  cpSync(join(web, 'dist'), join('dist', 'web'), { recursive: true, filter: (path) => !path.endsWith('.sources') })
}
