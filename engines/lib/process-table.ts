import { readdirSync, readFileSync } from 'node:fs'
import { waitUntil } from './wait.ts'

/** A process as the kernel tells it; undefined when there is none, or only its exit code is left. */
export interface ProcessEntry {
  pid: number
  parent: number
  /** Tells this process from a later one with the same number. */
  identity: string
  frozen: boolean
}

const readBoot = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

export function findProcess(pid: number): ProcessEntry | undefined {
  const found = readEntry(pid)
  return found?.ended ? undefined : found
}

/** A stop takes hold of one thread after the other. */
function allThreadsStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
  })
}

/** SIGSTOP until no thread of it runs any more; false when it ended instead. */
export async function holdStill(entry: ProcessEntry): Promise<boolean> {
  send(entry, 'SIGSTOP')
  await waitUntil(() => !isSame(entry) || allThreadsStopped(entry.pid), 5_000, 2)
  return isSame(entry)
}

export function send(entry: ProcessEntry, signal: NodeJS.Signals): void {
  if (!isSame(entry)) return
  try {
    process.kill(entry.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function readEntry(pid: number): (ProcessEntry & { ended: boolean }) | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The name stands in parentheses and may hold anything; what follows is counted from the third field on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, parent] = fields
  const [threads, started] = [fields[17], fields[19]]
  // The first thread may be gone while another still holds the ports.
  const ended = (state === 'Z' || state === 'X') && Number(threads) <= 1
  return { pid, parent: Number(parent), identity: `${readBoot()}/${started}`, frozen: state === 'T', ended }
}

/** The process and all that it started, parents first. */
export function findTree(pid: number): ProcessEntry[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => findProcess(Number(name)))
    .filter((entry) => entry !== undefined)
  const tree = all.filter((entry) => entry.pid === pid)
  for (const { pid: above } of tree) tree.push(...all.filter((entry) => entry.parent === above))
  return tree
}

export const isSame = (entry: ProcessEntry): boolean => findProcess(entry.pid)?.identity === entry.identity

/** Not even its exit code waits any more: to others, the number is free. */
export function isForgotten({ pid, identity }: Pick<ProcessEntry, 'pid' | 'identity'>): boolean {
  return readEntry(pid)?.identity !== identity
}
