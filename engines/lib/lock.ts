import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { makeFolder } from './folders.ts'

/**
 * One at a time, across processes. `flock` holds the file as long as its standard input is open, so a process that
 * dies gives the lock back.
 */
export async function withLock<Result>(folder: string, name: string, work: () => Promise<Result>): Promise<Result> {
  const file = join(makeFolder(folder), `${name}.lock`)
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] })
  try {
    await new Promise<void>((resolve, reject) => {
      holder.once('error', reject)
      holder.once('exit', (code) => reject(new Error(`flock ended with ${code}: ${file}`)))
      holder.stdout.once('data', () => resolve())
    })
    return await work()
  } finally {
    holder.stdin.end()
  }
}
