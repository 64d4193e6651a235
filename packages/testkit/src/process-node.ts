import { type ChildProcess, spawn } from 'node:child_process'
import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'
import { fileURLToPath } from 'node:url'

export interface NodeOptions {
  /** The data folder; kept over restarts. */
  data: string
  /** 0: any free port at the first start, the same one after that. */
  port?: number
  env?: Record<string, string>
  args?: readonly string[]
  /** Instead of `parley start`, for the tests of this file. */
  command?: readonly string[]
  /** What answers 200 once it is ready; `/readyz` unless it is to wait for something. */
  ready?: string
  /** Milliseconds until the node must be ready. */
  patience?: number
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

const parley = fileURLToPath(new URL('../../cli/bin/parley.js', import.meta.url))

/** A server in a process of its own, which tests may kill, stop and start again on the same port and data. */
export class ProcessNode {
  readonly #options: NodeOptions
  #child: ChildProcess | undefined
  #exited: Promise<Exit> | undefined
  #port: number
  #scheme = 'http'
  #output = ''
  /** What the present start printed to stdout: where it listens. What is told of other servers goes to stderr. */
  #printed = ''
  #starts = 0

  constructor(options: NodeOptions) {
    this.#options = options
    this.#port = options.port ?? 0
  }

  /** Starts and waits for readiness. `env` is for this start only. */
  static async start(options: NodeOptions): Promise<ProcessNode> {
    const node = new ProcessNode(options)
    await node.start()
    return node
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`
  }

  get port(): number {
    return this.#port
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Everything it ever printed, of all starts. */
  get output(): string {
    return this.#output
  }

  get starts(): number {
    return this.#starts
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  async start(env: Record<string, string> = {}): Promise<void> {
    if (this.running) throw new Error('the node runs')
    this.#starts++
    const { data, command = [parley], args = [] } = this.#options
    const all = [...command, 'start', '--data', data, '--host', '127.0.0.1', '--port', String(this.#port), ...args]
    const child = spawn(process.execPath, all, {
      env: { ...ownEnvironment(), NO_COLOR: '1', ...this.#options.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }))
    })
    const from = this.#output.length
    this.#printed = ''
    child.stdout.on('data', (text) => {
      this.#printed += String(text)
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text: string) => {
        this.#output += text
      })
    }
    await this.#untilReady(child, from)
  }

  /** Resolves once it has ended, however that came. */
  async exited(): Promise<Exit> {
    if (!this.#exited) throw new Error('the node was never started')
    return this.#exited
  }

  /** As the kernel does when memory is short: no handler runs. */
  async kill9(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#exited
  }

  /** Asks it to drain and stop. */
  async sigterm(): Promise<Exit> {
    this.#child?.kill('SIGTERM')
    return this.exited()
  }

  /** A pause of the whole process: a long collection, a suspended machine. */
  stop(): void {
    this.#child?.kill('SIGSTOP')
  }

  cont(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Whatever state it is in, it is gone afterwards. */
  async close(): Promise<void> {
    if (this.running) await this.kill9()
  }

  async #untilReady(child: ChildProcess, from: number): Promise<void> {
    const deadline = performance.now() + (this.#options.patience ?? 20_000)
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`the node ended before it was ready:\n${this.#output.slice(from)}`)
      }
      const printed = /(https?):\/\/[^\s/]*:(\d+)/.exec(this.#printed)
      if (printed) {
        this.#scheme = printed[1] as string
        this.#port = Number(printed[2])
        if (await answers(`${this.url}${this.#options.ready ?? '/readyz'}`)) return
      }
      if (performance.now() > deadline) {
        await this.kill9()
        throw new Error(`the node was not ready in time:\n${this.#output.slice(from)}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
  }
}

/** What is said to the tests, and means nothing to a server. */
const forTests = new Set([
  'PARLEY_SEED',
  'PARLEY_SEEDS',
  'PARLEY_KILLS',
  'PARLEY_CLUSTER_KILLS',
  'PARLEY_TEST_NODES',
  'PARLEY_TEST_ENGINES',
  'PARLEY_ENGINES',
])

function ownEnvironment(): NodeJS.ProcessEnv {
  const isForTests = (name: string): boolean => forTests.has(name) || name.startsWith('PARLEY_TEST_')
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForTests(name)))
}

/** Whoever signed its certificate: the tests of TLS look at that themselves. */
function answers(url: string): Promise<boolean> {
  const options = { timeout: 1_000, agent: false, rejectUnauthorized: false } as const
  return new Promise((resolve) => {
    const request = (url.startsWith('https') ? getHttps : getHttp)(url, options, (response) => {
      response.resume().on('error', () => {})
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}
