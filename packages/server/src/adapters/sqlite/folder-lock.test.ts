import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FolderInUseError, FolderLock } from './folder-lock.ts'

let folder: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-lock-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

const since = '2026-11-24T08:00:00.000Z'
const module = JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)

/** A process that takes the folder, says what came of it, and stays. */
async function contender(): Promise<{ child: ChildProcess; outcome: string }> {
  const script = `
    import { FolderLock } from ${module}
    try { globalThis.lock = FolderLock.take(${JSON.stringify(folder)}, '${since}'); console.log('took it') }
    catch (error) { console.log(error.name) }
    setInterval(() => {}, 60_000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [outcome] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, outcome }
}

function refusal(): FolderInUseError {
  try {
    FolderLock.take(folder, since).release()
  } catch (error) {
    if (error instanceof FolderInUseError) return error
    throw error
  }
  throw new Error('the folder was given twice')
}

describe('folder lock', () => {
  it('a second server is refused, and told where the first one is', () => {
    const lock = FolderLock.take(folder, since)
    expect(refusal().message).toBe(`${folder} is in use by a Parley server (process ${process.pid}, since ${since}).`)
    lock.announce('http://127.0.0.1:8080')
    expect(refusal().holder).toEqual({ pid: process.pid, since, url: 'http://127.0.0.1:8080' })
    expect(refusal().message).toContain('at http://127.0.0.1:8080 (process')
    lock.release()
  })

  it('is free after its release, which may be repeated', () => {
    const lock = FolderLock.take(folder, since)
    lock.release()
    const next = FolderLock.take(folder, since)
    lock.release()
    expect(refusal().holder?.pid).toBe(process.pid)
    next.release()
    expect(readdirSync(folder)).toEqual(['folder.lock'])
  })

  it('holds against another process, and goes with it when it is killed', async () => {
    const { child, outcome } = await contender()
    expect(outcome).toBe('took it')
    expect(refusal().holder?.pid).toBe(child.pid)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const lock = FolderLock.take(folder, since)
    expect(refusal().holder?.pid).toBe(process.pid)
    lock.release()
  })

  it('of several that start at once exactly one gets the folder', async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, contender))
    const names = outcomes.map(({ outcome }) => outcome).sort()
    expect(names).toEqual(['FolderInUseError', 'FolderInUseError', 'FolderInUseError', 'took it'])
  })

  it('what a dead server left is not believed, and a torn file does no harm', () => {
    writeFileSync(join(folder, 'server.json'), JSON.stringify({ pid: 1, since, url: 'http://old' }))
    const lock = FolderLock.take(folder, since)
    expect(refusal().holder?.url).toBe('')
    writeFileSync(join(folder, 'server.json'), '{"pid":')
    expect(refusal().message).toBe(`${folder} is in use by a Parley server.`)
    lock.release()
  })

  it('a folder that is not there is no folder in use', () => {
    expect(() => FolderLock.take(join(folder, 'none'), since)).toThrow(/directory does not exist/)
  })
})
