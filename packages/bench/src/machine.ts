import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'

/** Server and load must not take each other's time: each has its core. */
export const serverCore = 0
export const loadCore = 1

const canPin = availableParallelism() >= 2 && spawnSync('taskset', ['--version']).status === 0

/** False on a machine with one core or without `taskset`: figures are then of a shared core, and the report says so. */
export const pinned = canPin

const started = new Set<ChildProcess>()

/** A bench that ends early leaves nothing running behind. */
process.on('exit', () => {
  for (const child of started) child.kill('SIGKILL')
})

/** Starts a Node program on one core, with an IPC channel. */
export function startNode(core: number, args: readonly string[], env?: Record<string, string>): ChildProcess {
  return start(core, args, env, ['ignore', 'inherit', 'inherit', 'ipc'])
}

/** Starts a Node program on one core; its standard output is dropped, its errors are shown. */
export function startProgram(core: number, args: readonly string[], env?: Record<string, string>): ChildProcess {
  return start(core, args, env, ['ignore', 'ignore', 'inherit'])
}

/** Starts any program on one core. */
export function startCommand(core: number, command: string, args: readonly string[]): ChildProcess {
  return launch(core, command, args, {}, ['ignore', 'ignore', 'inherit'])
}

function start(core: number, args: readonly string[], env: Record<string, string> = {}, stdio: StdioOptions) {
  return launch(core, process.execPath, args, env, stdio)
}

function launch(
  core: number,
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  stdio: StdioOptions,
): ChildProcess {
  // taskset becomes the program: the process id is the server's own.
  const [program, before] = canPin ? ['taskset', ['-c', String(core), command]] : [command, []]
  const child = spawn(program, [...before, ...args], { stdio, env: { ...process.env, ...env } })
  started.add(child)
  child.once('exit', () => started.delete(child))
  return child
}

/** The next IPC message; rejects when the child ends before it says anything. */
export async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController()
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
    throw new Error(`ended before it answered (${signal ?? code}): ${child.spawnargs.join(' ')}`)
  })
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: ended.signal }), exit])
    return message
  } finally {
    ended.abort()
    exit.catch(() => undefined)
  }
}

/** SIGTERM, and SIGKILL when that was not heard within `patience` ms. */
export async function endProcess(child: ChildProcess, patience = 10_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), patience)
  await exited
  clearTimeout(timer)
}
