import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { NodeSpec } from '../engine.ts'
import { EngineFailure, lastLines } from './failure.ts'
import { findProcess, findTree, holdStill, isForgotten, isSame, type ProcessEntry, send } from './process-table.ts'
import { waitUntil } from './wait.ts'

const keptLogBytes = 8 * 1024 * 1024
const stopMs = 20_000
const forgetMs = 5_000

/**
 * One process of an engine and what a test does to it. Which process it is stands in a record beside its data: number
 * and start, so never another process is meant, whoever started it and however long ago.
 */
export class EngineNode {
  readonly spec: NodeSpec
  readonly log: string
  readonly #record: string

  constructor(spec: NodeSpec, home: string) {
    this.spec = spec
    this.log = join(home, `${spec.name}.log`)
    this.#record = join(home, `${spec.name}.process.json`)
  }

  /** Of the process: an `up` one may still be starting, ask `spec.answers()`. */
  get state(): 'up' | 'frozen' | 'down' {
    const found = this.#find()
    if (found === undefined) return 'down'
    return found.frozen ? 'frozen' : 'up'
  }

  get pid(): number | undefined {
    return this.#find()?.pid
  }

  /** Resident memory of the process and its children. */
  get memoryMiB(): number {
    const pages = this.#tree().map(({ pid }) => {
      try {
        return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
      } catch {
        return 0
      }
    })
    return pages.reduce((sum, count) => sum + count, 0) / 256
  }

  /** Until it answers. Nothing to do when it does already. @throws EngineFailure with the last lines of its log. */
  async start(): Promise<void> {
    if (this.state === 'down') await this.#spawn()
    this.thaw()
    const { answers, patience } = this.spec
    const ready = await waitUntil(async () => this.state === 'down' || (await answers()), patience * 1_000)
    if (this.state === 'down') throw this.#failure('ended instead of starting')
    if (!ready) throw this.#failure(`does not answer after ${patience} s`)
  }

  /** Asks it to end; what does not end is killed. */
  async stop(): Promise<void> {
    const tree = this.#tree()
    const [main] = tree
    if (main !== undefined) {
      this.thaw()
      send(main, this.spec.stopSignal)
      if (!(await waitUntil(() => !tree.some(isSame), stopMs))) return this.kill()
    }
  }

  /** `kill -9` of the process and its children, as a machine that loses power: until all are gone. */
  async kill(): Promise<void> {
    const main = this.#find()
    if (main === undefined) return
    // Held still first, so that it starts no child after the look.
    await holdStill(main)
    const tree = this.#tree()
    for (const entry of tree) send(entry, 'SIGKILL')
    if (!(await waitUntil(() => !tree.some(isSame), stopMs, 5))) throw this.#failure('outlives kill -9')
  }

  /** SIGSTOP of the process and its children, until none of them runs: connections stay open and nothing answers. */
  async freeze(): Promise<void> {
    const main = this.#find()
    if (main === undefined || !(await holdStill(main))) throw this.#failure('is not running')
    await Promise.all(this.#tree().map(holdStill))
  }

  thaw(): void {
    for (const entry of this.#tree().reverse()) send(entry, 'SIGCONT')
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  async #spawn(): Promise<void> {
    const { command, env, user, name, address, port } = this.spec
    if (await isTaken(address, port)) {
      const engine = name.replace(/-\d$/, '')
      throw new EngineFailure(
        `${name}: another program listens on ${address}:${port}. End it, or choose another port: --port ${engine}=N`,
      )
    }
    const last = this.#read()
    if (last !== undefined && this.spec.mindsPredecessor) await waitUntil(() => isForgotten(last), forgetMs, 5)
    const [program, ...args] = command
    const log = openSync(this.log, isLong(this.log) ? 'w' : 'a')
    try {
      const child = spawn(program, args, {
        cwd: '/',
        env: { ...process.env, ...env },
        detached: true,
        stdio: ['ignore', log, log],
        ...user,
      })
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve)
        child.once('error', (error) => reject(new EngineFailure(`${name}: ${program}: ${error.message}`)))
      })
      child.unref()
      const identity = child.pid === undefined ? undefined : findProcess(child.pid)?.identity
      if (identity === undefined) throw this.#failure('ended at once')
      writeFileSync(this.#record, `${JSON.stringify({ pid: child.pid, identity })}\n`)
    } finally {
      closeSync(log)
    }
  }

  #read(): { pid: number; identity: string } | undefined {
    try {
      return JSON.parse(readFileSync(this.#record, 'utf8')) as { pid: number; identity: string }
    } catch {
      return undefined
    }
  }

  #find(): ProcessEntry | undefined {
    const record = this.#read()
    const found = record && findProcess(record.pid)
    return found?.identity === record?.identity ? found : undefined
  }

  #tree(): ProcessEntry[] {
    const main = this.#find()
    return main === undefined ? [] : findTree(main.pid)
  }

  #failure(what: string): EngineFailure {
    const tail = lastLines(this.log)
    return new EngineFailure(`${this.spec.name} ${what}. Its log, ${this.log}, ends with:\n${tail || '    (empty)'}`)
  }
}

function isLong(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > keptLogBytes
}

function isTaken(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
    socket.once('connect', () => socket.destroy())
  })
}
