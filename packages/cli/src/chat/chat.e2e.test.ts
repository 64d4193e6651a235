import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Client, createClient, memoryStore } from '@parley/client'
import { type RunningNode, startNode } from '@parley/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const parley = fileURLToPath(new URL('../../bin/parley.js', import.meta.url))
const password = 'correct horse'
const pageUp = '\u001b[5~'

let folder: string
let node: RunningNode
let alice: Client
let terminal: Pty | undefined

const start = (port = 0) => startNode({ data: join(folder, 'data'), port, rateLimits: 'off', logLevel: 'silent' })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-chat-'))
  node = await start()
  alice = await createClient({ server: node.url, store: memoryStore() })
  await alice.register({ username: 'alice', password, displayName: 'Alice', device: { name: 'test' } })
  alice.connect()
  await run('register', '--username', 'bob', '--display-name', 'Bob')
})

afterEach(async () => {
  terminal?.kill()
  await alice.close()
  await node.close()
  rmSync(folder, { recursive: true, force: true })
})

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PARLEY_HOME: join(folder, 'home'), PARLEY_PASSWORD: password, TERM: 'xterm' }
}

/** Without blocking: the server is in this process. */
async function run(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [parley, ...args, '--server', node.url], {
    env: environment(),
  })
  return stdout
}

/** A program in a pseudo-terminal of util-linux's `script`. */
class Pty {
  output = ''
  readonly #child: ChildProcess

  constructor(...args: string[]) {
    const command = [process.execPath, parley, ...args].map((part) => `'${part}'`).join(' ')
    this.#child = spawn('script', ['-qfec', `stty cols 100 rows 30; exec ${command}`, '/dev/null'], {
      env: environment(),
      stdio: 'pipe',
    })
    this.#child.stdout?.on('data', (data) => {
      this.output += String(data)
    })
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  /** Waits until `text` is written behind `from`. @returns the end of what was written by then */
  async see(text: string, from = 0): Promise<number> {
    await expect
      .poll(() => this.output.slice(from).includes(text), {
        timeout: 15_000,
        message: `to see ${text} in ${JSON.stringify(this.output.slice(-2000))}`,
      })
      .toBe(true)
    return this.output.length
  }

  resize(columns: number, rows: number): void {
    const device = readlinkSync(`/proc/${this.#inner()}/fd/0`)
    execFileSync('stty', ['-F', device, 'cols', String(columns), 'rows', String(rows)])
  }

  async exit(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode
    return new Promise((resolve) => this.#child.once('exit', resolve))
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** The process inside the terminal. */
  #inner(): string {
    const parentOf = (pid: string) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    const found = pids.find((pid) => {
      try {
        return parentOf(pid) === String(this.#child.pid)
      } catch {
        return false
      }
    })
    if (!found) throw new Error('nothing runs in the terminal')
    return found
  }
}

describe('parley chat in a terminal', () => {
  it('shows what comes, sends, tells receipts, survives a resize and a restart of the server', {
    timeout: 60_000,
  }, async () => {
    const [bob] = await alice.account.findUsers('bob')
    const chat = await alice.direct(bob!.id)
    await chat.send('hello from alice')
    terminal = new Pty('chat')
    await terminal.see('hello from alice')
    await terminal.see('connected')
    terminal.type('hello from bob\r')
    await terminal.see('hello from bob')
    await expect
      .poll(() => alice.conversations()[0]?.lastMessage?.content, { timeout: 10_000 })
      .toEqual({ text: 'hello from bob' })
    await chat.read()
    await terminal.see('✓✓ read')
    chat.typing('typing')
    await terminal.see('Alice typing…')
    await chat.send('\u001b[2J\u001b[31mnot obeyed')
    await terminal.see('·[2J·[31mnot obeyed')
    const before = terminal.output.length
    terminal.resize(50, 20)
    await terminal.see('hello from bob', before)
    const { port } = node
    await node.close()
    await terminal.see('no connection')
    const away = terminal.output.length
    terminal.type('said while away\r')
    node = await start(port)
    alice.connect()
    await terminal.see('connected', away)
    await expect
      .poll(() => alice.conversations()[0]?.lastMessage?.content, { timeout: 15_000 })
      .toEqual({ text: 'said while away' })
    terminal.type('\u0003')
    expect(await terminal.exit()).toBe(0)
    expect(terminal.output).toContain('\u001b[?1049l')
  })

  it('scrolls back through 10,000 lines', { timeout: 120_000 }, async () => {
    const [bob] = await alice.account.findUsers('bob')
    const chat = await alice.direct(bob!.id)
    await Promise.all(Array.from({ length: 5000 }, (_, index) => chat.send(`line ${index + 1} of many`)))
    terminal = new Pty('chat')
    await terminal.see('line 5000 of many')
    await terminal.see('connected')
    for (let page = 0; page < 60; page++) {
      terminal.type(pageUp.repeat(10))
      await new Promise((resolve) => setTimeout(resolve, 50))
      if (terminal.output.includes('line 1 of many')) break
    }
    await terminal.see('line 1 of many')
    terminal.type('\u0003')
    expect(await terminal.exit()).toBe(0)
  })
})
