import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where the web app's sources stand beside the sources of this package; packed packages carry it built. */
const builder = join(import.meta.dirname, '..', '..', '..', 'apps', 'web', 'build.ts')
const fromSources = import.meta.filename.endsWith('.ts') && existsSync(builder)

/** Builds the web app in a process of its own when it is missing, or not of the sources that are here. */
export class WebBuild {
  /** Until it is known to be as its sources are. */
  underWay = fromSources

  async run(told: (line: string) => void): Promise<void> {
    if (!this.underWay) return
    const child = spawn(process.execPath, [builder, '--if-old', '--quiet'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
    const end = (): void => void child.kill()
    process.once('exit', end)
    const code = await new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(null))
      child.once('close', resolve)
    })
    process.off('exit', end)
    this.underWay = false
    if (code !== 0) told(`Warning: the web app could not be built; what stood there before is served.\n${output}`)
  }
}
