import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../server/src/lib/seeded-random.ts'
import { Chatter } from './chatter.ts'
import { ProcessNode } from './process-node.ts'

const kills = Number(process.env.PARLEY_KILLS ?? 10)
const seed = Number(process.env.PARLEY_SEED ?? Date.now() % 1_000_000)
const points = ['before-commit', 'after-commit', 'before-answer', 'after-answer']

let folder: string
let node: ProcessNode | undefined
let chatter: Chatter | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-kill-'))
})

afterEach(async () => {
  await chatter?.close()
  await node?.close()
  rmSync(folder, { recursive: true })
})

describe(`a server that is killed while everybody talks (seed ${seed})`, () => {
  it(`I1–I5, I9, I15 hold over ${kills} kills`, { timeout: 60_000 + kills * 20_000 }, async () => {
    const random = seededRandom(seed)
    const pick = (below: number) => Math.floor(random.float() * below)
    node = await ProcessNode.start({ data: folder, args: ['--rate-limits', 'off'] })
    chatter = await Chatter.start({ url: node.url, random, users: 4, devicesPerUser: 2, pipelined: 8 })
    const reached: Record<string, number> = {}
    for (let kill = 0; kill < kills; kill++) {
      const point = kill % 2 === 0 ? points[(kill / 2) % points.length]! : undefined
      if (point) {
        // The crash point is set at a start, which is a kill in a quiet moment by itself.
        await node.kill9()
        await node.start({ PARLEY_CRASH_AT: `${point}:${20 + pick(60)}` })
      }
      chatter.talk()
      if (point) {
        expect(await node.exited(), `the node kills itself ${point}`).toMatchObject({ signal: 'SIGKILL' })
        reached[point] = (reached[point] ?? 0) + 1
      } else {
        await chatter.progress(20 + pick(40))
        if (pick(2) === 0) chatter.devices[pick(chatter.devices.length)]!.drop()
        await chatter.haunt()
        await new Promise((resolve) => setTimeout(resolve, pick(30)))
        await node.kill9()
      }
      await node.start()
      await chatter.progress(20)
      await chatter.quiet()
      expect(await chatter.judge(), `kill ${kill + 1}, ${point ?? 'at random'}`).toEqual([])
    }
    expect(Object.keys(reached)).toEqual(points.slice(0, Math.min(points.length, Math.ceil(kills / 2))))
    expect((await node.sigterm()).code, 'SIGTERM drains').toBe(0)
    await node.start()
    await chatter.quiet()
    expect(await chatter.judge(true), 'all logs read again from their beginnings').toEqual([])
    expect(chatter.answered).toBeGreaterThan(kills * 40)
  })
})
