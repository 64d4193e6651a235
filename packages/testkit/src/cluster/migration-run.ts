import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const parley = fileURLToPath(new URL('../../../cli/bin/parley.js', import.meta.url))

/** `parley migrate` in a process of its own, which tests may kill. */
export class MigrationRun {
  readonly #child: ChildProcess
  readonly #exited: Promise<number | null>
  #output = ''
  #told = () => {}

  constructor(data: string, env: Record<string, string>, args: readonly string[] = ['--json']) {
    const all = [parley, 'migrate', '--to', 'env', '--data', data, ...args]
    this.#child = spawn(process.execPath, all, {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve))
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8')
      stream?.on('data', (text: string) => {
        this.#output += text
        this.#told()
      })
    }
  }

  get output(): string {
    return this.#output
  }

  /** What it told, in order. */
  get events(): Record<string, unknown>[] {
    const lines = this.#output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  /** Resolves when it has told of a step, or has ended. */
  async told(step: string): Promise<void> {
    const isTold = (): boolean => this.events.some((event) => event.step === step)
    await Promise.race([
      this.#exited,
      new Promise<void>((resolve) => {
        this.#told = () => isTold() && resolve()
        this.#told()
      }),
    ])
  }

  /** As the kernel does when memory is short. @returns whether it was still at work */
  async kill9(): Promise<boolean> {
    const worked = this.#child.exitCode === null
    this.#child.kill('SIGKILL')
    await this.#exited
    return worked
  }

  /** @throws with what it printed, when it failed */
  async done(): Promise<Record<string, unknown>[]> {
    const code = await this.#exited
    if (code !== 0) throw new Error(`parley migrate ended with ${code}:\n${this.#output}`)
    return this.events
  }
}
