import { readdirSync, readFileSync } from 'node:fs'

/** Linux says times in ticks of 1/100 s to every program, whatever the kernel counts in. */
const ticksPerSecond = 100

/** `root` and everything it started that is alive. */
export function processTree(root: number): number[] {
  const found = [root]
  for (let at = 0; at < found.length; at++) {
    for (const child of childrenOf(found[at] ?? root)) found.push(child)
  }
  return found
}

/** CPU seconds, user and system, of all threads of the tree, its waited-for children included. */
export function cpuSeconds(root: number): number {
  let ticks = 0
  for (const pid of processTree(root)) ticks += cpuTicks(readProc(pid, 'stat'))
  return ticks / ticksPerSecond
}

/** Resident memory of the tree in bytes. */
export function residentBytes(root: number): number {
  let kilobytes = 0
  for (const pid of processTree(root)) kilobytes += numberAfter(readProc(pid, 'status'), 'VmRSS:')
  return kilobytes * 1024
}

/** Bytes the tree made dirty in files, as they go to the disk. */
export function writtenBytes(root: number): number {
  let bytes = 0
  for (const pid of processTree(root)) bytes += numberAfter(readProc(pid, 'io'), '\nwrite_bytes:')
  return bytes
}

/** utime + stime + cutime + cstime of `/proc/<pid>/stat`; the name before them may hold spaces and brackets. */
export function cpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0)
}

function childrenOf(pid: number): number[] {
  const children: number[] = []
  for (const thread of listThreads(pid)) {
    for (const child of readProc(pid, `task/${thread}/children`).split(' ')) {
      if (child !== '') children.push(Number(child))
    }
  }
  return children
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** Empty when the process is gone: it may end while the tree is read. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}

function numberAfter(text: string, label: string): number {
  const at = text.indexOf(label)
  return at < 0 ? 0 : Number.parseInt(text.slice(at + label.length), 10)
}
