import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Block {
  language: string
  text: string
}

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** The code blocks of a page, in order; the page is named from the root of the project. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(`${root}${page}`, 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', block = '']) => ({
    language,
    text: block,
  }))
}

/** Runs what a page tells to type, in the root of the project. */
export class Terminal {
  readonly #env
  readonly #children: ChildProcess[] = []

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env
  }

  /** Everything it printed. @throws with that, when any of the commands failed */
  async run(commands: string): Promise<string> {
    const { child, output } = this.#spawn(`set -e\n${commands}`)
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    if (code !== 0) throw new Error(`${commands}ended with ${code}:\n${output()}`)
    return output()
  }

  /** A command that goes on, in a terminal of its own. Resolves when it has printed what is waited for. */
  async begin(command: string, sign: RegExp, patience = 60_000): Promise<void> {
    const { child, output } = this.#spawn(command)
    const deadline = performance.now() + patience
    while (!sign.test(output())) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`${command}did not print ${sign}:\n${output()}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Closes all terminals. */
  async close(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
        const ended = new Promise((resolve) => child.once('exit', resolve))
        process.kill(-child.pid, 'SIGKILL')
        await ended
      }),
    )
  }

  #spawn(commands: string): { child: ChildProcess; output: () => string } {
    const child = spawn('bash', ['-c', commands], {
      cwd: root,
      env: this.#env,
      // A group of its own: what the shell starts ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#children.push(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text: string) => {
        output += text
      })
    }
    return { child, output: () => output }
  }
}
