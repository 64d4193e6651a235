import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { cpuSeconds, cpuTicks, processTree, residentBytes } from './process-tree.ts'

describe('cpuTicks', () => {
  it('reads past a name with spaces and brackets', () => {
    const stat = '42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 7 5 3 2 20 0 11 0 100 0 0'
    expect(cpuTicks(stat)).toBe(17)
  })

  it('is 0 for a process that is gone', () => {
    expect(cpuTicks('')).toBe(0)
  })
})

describe.runIf(process.platform === 'linux')('the process tree', () => {
  it('counts the work of worker threads and of grandchildren', async () => {
    const burn = 'const end = Date.now() + 400; while (Date.now() < end);'
    const inThread = `const { Worker } = require('node:worker_threads'); new Worker(${JSON.stringify(burn)}, { eval: true });`
    const script = `${inThread}
      const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(burn)} + 'setTimeout(() => {}, 60_000)']);
      process.on('SIGTERM', () => { child.kill(); process.exit() });
      setTimeout(() => console.log('done'), 1500);`
    const root = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const pid = root.pid ?? 0
    await once(root.stdout, 'data')
    const tree = processTree(pid)
    const cpu = cpuSeconds(pid)
    const memory = residentBytes(pid)
    root.kill()
    await once(root, 'exit')
    expect(tree).toHaveLength(2)
    expect(cpu).toBeGreaterThanOrEqual(0.5)
    expect(memory).toBeGreaterThan(10 * 1024 * 1024)
    expect(processTree(pid)).toEqual([pid])
    expect(cpuSeconds(pid)).toBe(0)
  })
})
