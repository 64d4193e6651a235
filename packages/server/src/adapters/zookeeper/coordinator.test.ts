import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WorkerLease } from '../../cluster/coordinator.ts'
import type { Clock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { ManualClock } from '../../lib/manual-clock.ts'
import { seededRandom } from '../../lib/seeded-random.ts'
import { SnowflakeGenerator } from '../../log/snowflake.ts'
import { compareSnowflakes, snowflakeLow } from '../../log/snowflake-parts.ts'
import { ZooKeeperConnection } from './connection.ts'
import { folders, ZooKeeperCoordinator } from './coordinator.ts'
import { expectUnique } from './id-probe.contract.ts'
import { TestTree, type TestTreeClient } from './test-tree.contract.ts'

const timeout = 4000

/** So few that numbers are soon somebody else's. */
const workerNumbers = 4

/** A machine's clock that goes as all do, and is off. */
const off = (clock: ManualClock, ms: number): Clock => ({
  now: () => clock.now() + ms,
  monotonic: () => clock.monotonic(),
  after: (delay, run) => clock.after(delay, run),
  every: (period, run) => clock.every(period, run),
  soon: (run) => clock.soon(run),
})

/** A node that makes ids, whose way to ZooKeeper can be cut. */
class TestNode {
  readonly ids: string[] = []
  readonly coordinator
  lease: WorkerLease | undefined
  readonly #connection
  readonly #id
  #client: TestTreeClient | undefined
  #cutOff = false
  #generator: SnowflakeGenerator | undefined

  constructor(tree: TestTree, clock: Clock, seed: number) {
    const random = seededRandom(seed)
    this.#connection = new ZooKeeperConnection({
      create: (listener) => {
        this.#client = tree.client(listener)
        this.#client.reachable = !this.#cutOff
        return this.#client
      },
      timeout,
      root: '/p',
      folders,
      clock,
      logger: silentLogger,
    })
    this.coordinator = new ZooKeeperCoordinator(this.#connection, '/p', {
      clock,
      random,
      logger: silentLogger,
      workerNumbers,
    })
    this.#id = `n${seed}`
    this.#connection.start()
    this.announce(0)
    void this.#begin(clock)
  }

  async #begin(clock: Clock): Promise<void> {
    while (!this.lease) this.lease = await this.coordinator.lease().catch(() => undefined)
    this.#generator = new SnowflakeGenerator(clock, this.lease)
    await this.#generator.keepAhead().catch(() => {})
  }

  announce(sessions: number): void {
    const self = { id: this.#id, url: 'u', link: 'l', roles: ['chat'], sessions, draining: false }
    // What is not known in time is told later.
    void this.coordinator.announce(self).catch(() => {})
  }

  /** The others as this one knows them. */
  get seen(): string[] {
    return this.coordinator.nodes().map(({ id, sessions }) => `${id} ${sessions}`)
  }

  /** As the others should know it. */
  told(sessions: number): string {
    return `${this.#id} ${sessions}`
  }

  reach(reachable: boolean): void {
    this.#cutOff = !reachable
    if (this.#client) this.#client.reachable = reachable
  }

  make(): string | undefined {
    try {
      const id = this.#generator?.next('0').id
      if (id === undefined) return
      this.ids.push(id)
      return id
    } catch (error) {
      expect(error).toMatchObject({ code: 'unavailable' })
    }
  }

  get holds(): number | undefined {
    return this.lease?.held() ? this.lease.worker : undefined
  }

  async stop(): Promise<void> {
    this.#generator?.close()
    await this.coordinator.close()
  }
}

type Step =
  | { do: 'cut' | 'heal' | 'restart' | 'announce'; node: number }
  | { do: 'pass'; ms: number }
  | { do: 'lose'; chance: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('cut' as const, 'heal' as const, 'restart' as const, 'announce' as const),
    node: fc.nat(2),
  }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 10, max: 6000 }) }) },
  fc.record({ do: fc.constant('lose' as const), chance: fc.constantFrom(0, 0.05, 0.3) }),
)

describe('coordinators over a ZooKeeper that loses answers and sessions', () => {
  it('I8: never two holders of a number, never two leaders, no id twice; all is well in the end', async () => {
    let [made, sessions] = [0, 0]
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), fc.nat(), async (steps, seed) => {
        const clock = new ManualClock()
        const tree = new TestTree(clock, seededRandom(seed), timeout)
        let lives = 0
        const open = () => {
          lives++
          return new TestNode(tree, off(clock, (((seed + lives) % 5) - 2) * 1000), seed + 1000 * lives)
        }
        const newest = new Map<number, string>()
        const nodes = [open(), open(), open()]
        const all = [...nodes]
        const look = (): void => {
          for (const id of nodes.map((node) => node.make())) {
            if (id === undefined) continue
            const worker = snowflakeLow(id) >> 12
            expect(compareSnowflakes(id, newest.get(worker) ?? '0')).toBeGreaterThan(0)
            newest.set(worker, id)
          }
          const held = nodes.map(({ holds }) => holds).filter((worker) => worker !== undefined)
          expect(new Set(held).size).toBe(held.length)
          expect(nodes.filter(({ coordinator }) => coordinator.leads('janitor')).length).toBeLessThanOrEqual(1)
        }
        const watching = clock.every(25, look)
        const at = (index: number): TestNode => nodes[index] as TestNode
        for (const one of steps) {
          if (one.do === 'pass') await clock.advance(one.ms)
          else if (one.do === 'lose') tree.losses = one.chance
          else if (one.do === 'announce') at(one.node).announce(clock.monotonic())
          else if (one.do !== 'restart') at(one.node).reach(one.do === 'heal')
          else {
            void at(one.node).stop()
            nodes[one.node] = open()
            all.push(at(one.node))
          }
        }
        tree.losses = 0
        for (const node of nodes) node.reach(true)
        for (const [index, node] of nodes.entries()) node.announce(index)
        await clock.advance(4 * timeout)
        const told = nodes.map((node, index) => node.told(index)).sort()
        expect(nodes.map(({ seen }) => [...seen].sort())).toEqual(nodes.map(() => told))
        expect(nodes.filter(({ holds }) => holds === undefined)).toEqual([])
        expect(nodes.filter(({ coordinator }) => coordinator.leads('janitor')).length).toBe(1)
        watching.cancel()
        for (const node of nodes) void node.stop()
        await clock.advance(2000)
        expectUnique(all)
        made += all.reduce((sum, { ids }) => sum + ids.length, 0)
        sessions += Number(tree.newSession().slice(1)) - 4
      }),
      { numRuns: 300 },
    )
    expect(made).toBeGreaterThan(10_000)
    expect(sessions).toBeGreaterThan(20)
  }, 120_000)
})
