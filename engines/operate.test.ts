import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engineNames } from './engine.ts'
import { exchange } from './lib/exchange.ts'
import { findProgram } from './lib/run.ts'
import { bringUp, engineNodes, environmentOf, look, takeDown } from './operate.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-engines-'))
const before = process.env.PARLEY_ENGINES
const redisIsThere = findProgram('redis-server') !== undefined
let port = 0

async function freePort(): Promise<number> {
  for (;;) {
    // Below the ports that the kernel gives to connections: nobody takes it meanwhile.
    const candidate = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(candidate, '127.0.0.1', () => resolve(true))
    })
    if (!free) continue
    await new Promise((resolve) => server.close(resolve))
    return candidate
  }
}

const redis = (command: string): Promise<string> =>
  exchange('127.0.0.1', port, `${command}\r\n`, (received) => received.toString().trim() || undefined)

beforeAll(async () => {
  process.env.PARLEY_ENGINES = folder
  port = await freePort()
})

afterAll(async () => {
  await takeDown('redis')
  if (before === undefined) delete process.env.PARLEY_ENGINES
  else process.env.PARLEY_ENGINES = before
  rmSync(folder, { recursive: true })
})

const reason = redisIsThere ? '' : ' (Redis is not installed: npm run engines -- up redis)'
describe.skipIf(!redisIsThere)(`engines${reason}`, () => {
  it('are up once, however often and at once it is said', async () => {
    const told = await Promise.all([bringUp('redis', { port }), bringUp('redis', { port })])
    expect(told.toSorted()).toEqual(['Debian package redis-server', 'was up already'])
    const [node] = engineNodes('redis')
    const { pid } = node!
    expect(await bringUp('redis')).toBe('was up already')
    expect(node!.pid).toBe(pid)
    expect(await redis('PING')).toBe('+PONG')
  })

  it('give variables for what serves, and for nothing else', async () => {
    expect(await environmentOf(engineNames)).toEqual({ REDIS_URL: `redis://127.0.0.1:${port}` })
    const main = join(import.meta.dirname, 'main.ts')
    const printed = await promisify(execFile)(process.execPath, [main, 'env'])
    expect(printed.stdout).toBe(`export REDIS_URL='redis://127.0.0.1:${port}'\n`)
  })

  it('do not change while they run', async () => {
    await expect(bringUp('redis', { port: port + 1 })).rejects.toThrow('--port cannot change. First: npm run engines')
    await expect(bringUp('redis', { fresh: true })).rejects.toThrow('its data cannot be emptied')
  })

  it('are killed, frozen and started again one node at a time', async () => {
    const [node] = engineNodes('redis')
    await redis('SET greeting hello')
    await node!.kill()
    expect(node!.state).toBe('down')
    await expect(redis('PING')).rejects.toThrow('ECONNREFUSED')
    await node!.start()
    expect(await redis('GET greeting')).toBe('$-1')

    await node!.freeze()
    expect(node!.state).toBe('frozen')
    expect((await look('redis')).serves).toBe(false)
    node!.thaw()
    expect((await look('redis')).serves).toBe(true)
    const { pid } = node!
    await node!.restart()
    expect(node!.pid).not.toBe(pid)
    expect(await redis('PING')).toBe('+PONG')
  })

  it('that are taken down leave other processes alone, even under a number that was theirs', async () => {
    const [node] = engineNodes('redis')
    const { pid } = node!
    const record = join(folder, 'state', 'redis', 'redis.process.json')
    writeFileSync(record, JSON.stringify({ pid, identity: 'of an earlier process' }))
    expect(await takeDown('redis')).toBe(0)
    expect(await redis('PING')).toBe('+PONG')
    await expect(node!.start()).rejects.toThrow(`another program listens on 127.0.0.1:${port}`)
    await redis('SHUTDOWN').catch(() => {})
    await bringUp('redis', { port, fresh: true })
    expect(await takeDown('redis')).toBe(1)
    expect(node!.state).toBe('down')
    expect(readdirSync(join(folder, 'state', 'redis'))).toContain('redis.log')
  })

  it('that do not start say why, with the end of the log', async () => {
    await bringUp('redis', { port, fresh: true })
    await takeDown('redis')
    rmSync(join(folder, 'state', 'redis', 'redis'), { recursive: true })
    const [node] = engineNodes('redis')
    await expect(node!.start()).rejects.toThrow(
      /redis ended instead of starting\. Its log, .*redis\.log, ends with:\n[\s\S]*No such file/,
    )
  })
})
