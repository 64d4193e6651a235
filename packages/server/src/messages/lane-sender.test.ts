import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryLinkNetwork, MemoryLinkTransport } from '../adapters/memory/link-transport.ts'
import { Links } from '../delivery/links.ts'
import { NodeCalls } from '../delivery/node-calls.ts'
import { AppError, unavailable } from '../lib/errors.ts'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import type { Appended } from '../log/operation.ts'
import { LaneReceiver } from './lane-receiver.ts'
import { LaneSender } from './lane-sender.ts'
import type { Sender, SendRequest } from './sender.ts'

interface Stored {
  conversation: string
  id: string
  by: string
}

/** A lane of one node over a log that all share: what waits together is appended together, or refused together. */
class FakeLane implements Sender {
  readonly #name
  readonly #log
  readonly #clock
  /** Milliseconds that an append takes. */
  delay = 5
  /** Nothing is answered any more. */
  stuck = false
  /** The next so many appends are refused. */
  refuse = 0
  #waiting: { request: SendRequest; settle: (outcome: Appended | AppError) => void }[] = []
  #running = false

  constructor(name: string, log: Stored[], clock: ManualClock) {
    this.#name = name
    this.#log = log
    this.#clock = clock
  }

  send(_identity: unknown, request: SendRequest, settle: (outcome: Appended | AppError) => void): void {
    this.#waiting.push({ request, settle })
    if (!this.#running) this.#run()
  }

  #run(): void {
    this.#running = true
    const batch = this.#waiting.length
    this.#clock.after(this.delay, () => {
      if (this.stuck) return
      if (this.refuse > 0) {
        this.refuse--
        for (const { settle } of this.#waiting.splice(0)) settle(unavailable('The store is away.'))
      } else for (const { request, settle } of this.#waiting.splice(0, batch)) settle(this.#append(request))
      this.#running = false
      if (this.#waiting.length > 0) this.#run()
    })
  }

  #append({ conversation, clientMessageId }: SendRequest): Appended | AppError {
    if (clientMessageId.startsWith('bad')) return new AppError('invalid', 'No.', { field: 'mentions' })
    const known = this.#log.findIndex((stored) => stored.id === clientMessageId)
    const seq = known >= 0 ? known + 1 : this.#log.push({ conversation, id: clientMessageId, by: this.#name })
    return { conversation, seq, id: String(seq), at: seq, duplicate: known >= 0 }
  }
}

function open(seed = 1) {
  const clock = new ManualClock()
  const network = new MemoryLinkNetwork(clock)
  const log: Stored[] = []
  const owner = { name: 'b' }
  const names = ['a', 'b', 'c']
  const nodes = names.map((id, index) => {
    const transport = new MemoryLinkTransport(network, id)
    const links = new Links({ self: id, transport, clock, random: seededRandom(seed + index), logger: silentLogger })
    const calls = new NodeCalls(links, clock)
    const lane = new FakeLane(id, log, clock)
    new LaneReceiver(calls, lane)
    const laneOf = () => (owner.name === id || !links.isUp(owner.name) ? undefined : owner.name)
    const sender = new LaneSender({ local: lane, calls, laneOf, clock })
    const answers: string[] = []
    /** Says it as a device does that pipelines; refused sends are answered by code. */
    const say = (...ids: string[]) => {
      for (const clientMessageId of ids) {
        const request = { conversation: 'team', clientMessageId, content: { text: clientMessageId } }
        sender.send({ user: 'ann', device: 'd' }, request, (outcome) =>
          answers.push(`${clientMessageId} ${outcome instanceof AppError ? outcome.code : outcome.seq}`),
        )
      }
    }
    return { id, links, lane, sender, answers, say }
  })
  const [a, b, c] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]]
  const meet = async (): Promise<void> => {
    for (const { links } of nodes) links.setPeers(names.map((id) => ({ id, link: `http://${id}` })))
    await clock.advance(10)
  }
  return { clock, network, log, owner, a, b, c, meet }
}

const ids = (log: Stored[]) => log.map(({ id }) => id)
const range = (count: number, name = 'm') => Array.from({ length: count }, (_, index) => `${name}${index}`)

describe('sends through the node of the lane', () => {
  it('those of all nodes are appended by one, and answered where they were sent', async () => {
    const { clock, a, b, c, log, meet } = open()
    await meet()
    for (const node of [a, b, c]) node.say(...range(3, node.id))
    await clock.advance(50)
    expect(new Set(log.map(({ by }) => by))).toEqual(new Set(['b']))
    expect(log).toHaveLength(9)
    for (const { answers, id } of [a, b, c]) {
      expect(answers.map((answer) => answer.split(' ')[0])).toEqual(range(3, id))
    }
  })

  it('a refusal is told as it was', async () => {
    const { clock, a, meet } = open()
    await meet()
    const outcome = new Promise((resolve) =>
      a.sender.send(
        { user: 'ann', device: 'd' },
        { conversation: 'team', clientMessageId: 'bad', content: {}, mentions: ['x'] },
        resolve,
      ),
    )
    await clock.advance(50)
    expect(await outcome).toMatchObject({ code: 'invalid', field: 'mentions', message: 'No.' })
  })

  it('without a link, or when it breaks, they are appended here, in order and once', async () => {
    const { clock, network, a, log, meet } = open()
    a.say('early')
    await clock.advance(20)
    await meet()
    a.say(...range(5))
    await clock.advance(1)
    network.cut('a', 'b')
    a.say('m5')
    await clock.advance(100)
    expect(ids(log)).toEqual(['early', ...range(6)])
    expect(a.answers.map((answer) => answer.split(' ')[0])).toEqual(['early', ...range(6)])
  })

  it('the node that the lane moves to is given sends at once: nodes do not append beside each other', async () => {
    const { clock, network, owner, a, b, c, log, meet } = open()
    await meet()
    b.lane.stuck = true
    for (const node of [a, c]) node.say(...range(3, node.id))
    await clock.advance(1)
    for (const node of ['a', 'c']) network.cut(node, 'b')
    owner.name = 'c'
    await clock.advance(50)
    for (const node of [a, c]) node.say(...range(3, `${node.id}later`))
    await clock.advance(50)
    expect(log.filter(({ id }) => id.includes('later')).map(({ by }) => by)).toEqual(Array(6).fill('c'))
    expect(log).toHaveLength(12)
    for (const { answers, id } of [a, c]) {
      expect(answers.map((answer) => answer.split(' ')[0])).toEqual([...range(3, id), ...range(3, `${id}later`)])
    }
  })

  it('a node that does not answer within 2 s is done without, for a while', async () => {
    const { clock, a, b, log, meet } = open()
    await meet()
    b.lane.stuck = true
    a.say(...range(3))
    await clock.advance(2300)
    expect(log.map(({ id, by }) => `${id} ${by}`)).toEqual(['m0 a', 'm1 a', 'm2 a'])
    a.say('m3')
    await clock.advance(50)
    expect(log.at(-1)).toMatchObject({ id: 'm3', by: 'a' })
  })

  it('D3: what was given behind a refused send is refused too, also when it was on its way; then it goes on', async () => {
    const { clock, network, a, b, log, meet } = open()
    network.delay = () => 20
    await meet()
    await clock.advance(50)
    b.lane.refuse = 1
    a.say('m0')
    await clock.advance(22)
    // b refuses now; a does not know yet.
    a.say('m1', 'm2')
    await clock.advance(60)
    expect(a.answers).toEqual(['m0 unavailable', 'm1 unavailable', 'm2 unavailable'])
    a.say('m0', 'm1', 'm2')
    await clock.advance(100)
    expect(ids(log)).toEqual(['m0', 'm1', 'm2'])
  })

  it('D3: when the lane moves, nothing overtakes what is still elsewhere', async () => {
    const { clock, a, b, owner, log, meet } = open()
    await meet()
    b.lane.delay = 500
    a.say('m0', 'm1')
    await clock.advance(5)
    owner.name = 'c'
    a.say('m2')
    await clock.advance(100)
    expect(log).toEqual([])
    owner.name = 'a'
    a.say('m3')
    await clock.advance(2000)
    expect(log.map(({ id, by }) => `${id} ${by}`)).toEqual(['m0 b', 'm1 b', 'm2 a', 'm3 a'])
  })

  it('D3: what waits for the lane to move is refused together with what stands before it', async () => {
    const { clock, a, b, owner, log, meet } = open()
    await meet()
    b.lane.delay = 500
    b.lane.refuse = 1
    a.say('m0')
    await clock.advance(5)
    owner.name = 'c'
    a.say('m1')
    await clock.advance(2000)
    expect(a.answers).toEqual(['m0 unavailable', 'm1 unavailable'])
    expect(log).toEqual([])
  })

  it('D2, D3: whatever breaks, each is stored once or refused, in the order of its device', async () => {
    const step = fc.record({
      say: fc.integer({ min: 0, max: 4 }),
      pass: fc.integer({ min: 0, max: 40 }),
      event: fc.constantFrom('none', 'none', 'none', 'cut', 'heal', 'move', 'refuse', 'refuse-here', 'slow', 'stuck'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), fc.integer(), async (steps, seed) => {
        const { clock, network, a, b, c, owner, log, meet } = open(Math.abs(seed) % 1000)
        network.delay = () => 4
        await meet()
        let next = 0
        for (const { say, pass, event } of steps) {
          a.say(...Array.from({ length: say }, () => `m${next++}`))
          await clock.advance(pass)
          if (event === 'cut') network.cut('a', owner.name === 'a' ? 'c' : owner.name)
          if (event === 'heal') for (const other of ['b', 'c']) network.heal('a', other)
          if (event === 'move') owner.name = owner.name === 'b' ? 'c' : 'b'
          if (event === 'refuse') b.lane.refuse = 1
          if (event === 'refuse-here') a.lane.refuse = 1
          if (event === 'slow') c.lane.delay = 300
          if (event === 'stuck') b.lane.stuck = true
        }
        await clock.advance(8000)
        const told = a.answers.map((answer) => answer.split(' ') as [string, string])
        expect(told.map(([id]) => id).toSorted()).toEqual(range(next).toSorted())
        // What was refused may be stored all the same: its outcome is not known.
        const accepted = told.filter(([, result]) => result !== 'unavailable')
        for (const [id, seq] of accepted) expect(log[Number(seq) - 1]?.id).toBe(id)
        expect(new Set(ids(log)).size).toBe(log.length)
        const numbers = accepted.map(([, seq]) => Number(seq))
        expect(numbers).toEqual(numbers.toSorted((x, y) => x - y))
        expect(accepted.map(([id]) => Number(id.slice(1)))).toEqual(
          accepted.map(([id]) => Number(id.slice(1))).toSorted((x, y) => x - y),
        )
      }),
      { numRuns: 300 },
    )
  })
})
