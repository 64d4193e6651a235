import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { DownFrame } from '@parley/protocol'
import WebSocket from 'ws'

export interface CrowdUser {
  user: string
  token: string
}

const parley = fileURLToPath(new URL('../../cli/bin/parley.js', import.meta.url))

/** Users with one device each, made in a data folder whose server does not run. */
export async function importUsers(data: string, count: number): Promise<CrowdUser[]> {
  const args = [parley, 'admin', 'import', '--users', String(count), '--data', data]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 })
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as CrowdUser)
}

/** Memory of a process in RAM, bytes. */
export function residentMemory(pid: number | undefined): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  if (!found) throw new Error(`no memory is told of process ${pid}`)
  return Number(found[1]) * 1024
}

/** The most memory that a process had while `work` was done, bytes. */
export async function mostMemory(pid: number | undefined, work: () => Promise<unknown>): Promise<number> {
  let most = residentMemory(pid)
  const timer = setInterval(() => {
    most = Math.max(most, residentMemory(pid))
  }, 20)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return Math.max(most, residentMemory(pid))
}

/** A device of a crowd: it counts what it is sent, and keeps nothing of it. */
export class CrowdReader {
  readonly user: CrowdUser
  /** Newest entry by conversation; behind the first that came, each must follow the one before. */
  readonly lastSeq = new Map<string, number>()
  live = false
  /** What went wrong; closed sockets included. */
  failure: string | undefined
  #socket: WebSocket | undefined
  #cursor: string | null = null
  #wake = () => {}

  constructor(user: CrowdUser) {
    this.user = user
  }

  /** Opens a socket and says hello; resolves when it is live. */
  async connect(url: string, window = 256): Promise<void> {
    this.live = false
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/socket`, { perMessageDeflate: false })
    this.#socket = socket
    socket.once('open', () => {
      socket.send(JSON.stringify({ t: 'hello', token: this.user.token, cursor: this.#cursor, window }))
    })
    socket.on('message', (data) => this.#take(JSON.parse(String(data)) as DownFrame))
    socket.once('error', (error) => this.#fail(error.message))
    socket.once('close', (code) => {
      if (socket === this.#socket) this.#fail(`closed with ${code}`)
    })
    await this.until(() => this.live)
  }

  pause(): void {
    this.#socket?.pause()
  }

  resume(): void {
    this.#socket?.resume()
  }

  /** Drops the connection without a word. */
  drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.terminate()
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.failure !== undefined) throw new Error(`${this.user.user}: ${this.failure}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #take(frame: DownFrame): void {
    if (frame.t === 'welcome') this.#cursor ??= frame.cursor
    if (frame.t === 'live') this.live = true
    if (frame.t === 'event') {
      const { conversation, seq } = frame.update as { conversation: string; seq?: number }
      const last = this.lastSeq.get(conversation) ?? seq ?? 0
      if (seq !== undefined && seq > last + 1) this.#fail(`${seq} came behind ${last}`)
      if (seq !== undefined) this.lastSeq.set(conversation, Math.max(last, seq))
      this.#cursor = frame.pos
      this.#acknowledge(frame.pos)
    }
    this.#wake()
  }

  #unacknowledged = 0

  #acknowledge(pos: string): void {
    if (++this.#unacknowledged % 20 === 0) this.#socket?.send(JSON.stringify({ t: 'ack', pos }))
  }

  #fail(reason: string): void {
    this.failure ??= reason
    this.#wake()
  }
}
