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
    // By CPU time, not by the clock: a busy machine gives it later, not less.
    const burn = 'while (process.threadCpuUsage().user < 300_000);'
    const script = `const { Worker } = require('node:worker_threads');
      const worker = new Worker(${JSON.stringify(burn)}, { eval: true });
      const work = ${JSON.stringify(`${burn} console.log('burnt'); setTimeout(() => {}, 60_000)`)};
      const child = require('node:child_process').spawn(process.execPath, ['-e', work], { stdio: ['ignore', 'pipe', 'inherit'] });
      process.on('SIGTERM', () => { child.kill(); process.exit() });
      setInterval(() => {}, 60_000);
      const both = [new Promise((done) => worker.once('exit', done)), new Promise((done) => child.stdout.once('data', done))];
      Promise.all(both).then(() => console.log('done'));`
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
