import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../server/src/lib/seeded-random.ts'
import { Chatter } from './chatter.ts'
import { FaultProxy } from './fault-proxy.ts'
import { ProcessNode } from './process-node.ts'

const seed = Number(process.env.PARLEY_SEED ?? Date.now() % 1_000_000)

let folder: string
let node: ProcessNode | undefined
let proxy: FaultProxy | undefined
let chatter: Chatter | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-links-'))
})

afterEach(async () => {
  await chatter?.close()
  await proxy?.close()
  await node?.close()
  rmSync(folder, { recursive: true })
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe(`links between people who talk and a server (seed ${seed})`, () => {
  it('are cut, slow, silent, half-open and refused: I1–I5, I9, I15 hold', { timeout: 120_000 }, async () => {
    const random = seededRandom(seed)
    node = await ProcessNode.start({ data: folder, args: ['--rate-limits', 'off'] })
    proxy = await FaultProxy.start({ port: node.port })
    const link = proxy
    const url = `http://127.0.0.1:${link.port}`
    chatter = await Chatter.start({ url, random, users: 4, devicesPerUser: 2, pipelined: 8 })
    const server = node
    const troubles: Record<string, () => Promise<unknown>> = {
      cut: async () => link.cut(),
      'cut again while clients come back': async () => {
        for (let times = 0; times < 5; times++) {
          link.cut()
          await pause(random.float() * 60)
        }
      },
      'slow, then cut with much under way': async () => {
        link.faults.rate = 20_000
        await pause(400)
        link.cut()
      },
      late: async () => {
        link.faults.delay = 80
        await pause(400)
      },
      'silent towards the server': async () => {
        link.faults.blackhole = 'toServer'
        await pause(300)
      },
      'silent towards clients, then cut': async () => {
        link.faults.blackhole = 'toClient'
        await pause(300)
        link.cut()
      },
      'half-open: the server talks into the void while the devices are back': async () => link.vanish(),
      refused: async () => {
        link.faults.refuse = true
        link.cut()
        await pause(300)
      },
      'the server is stopped for a while': async () => {
        server.stop()
        await pause(400)
        server.cont()
      },
    }
    for (const [name, happen] of Object.entries(troubles)) {
      chatter.talk()
      await chatter.progress(40)
      await happen()
      link.heal()
      await chatter.progress(40)
      await chatter.quiet()
      expect(await chatter.judge(), name).toEqual([])
    }
    expect(await chatter.judge(true), 'all logs read again').toEqual([])
  })
})
