import { describe, expect, it } from 'vitest'
import { MemoryConversationLog } from '../adapters/memory/conversation-log.ts'
import { MemoryConversationStore } from '../adapters/memory/conversation-store.ts'
import { MemoryStores } from '../adapters/memory/stores.ts'
import { AppError } from '../lib/errors.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import type { ConversationState } from './conversation-state.ts'
import { ConversationStates } from './conversation-states.ts'
import { emptyGroup } from './fold.ts'
import { type Delivery, Lanes } from './lanes.ts'
import type { Appended, Draft, Operation } from './operation.ts'
import { composeSnowflake } from './snowflake-parts.ts'

/** Nodes over one store, each with its own view of the conversations. */
async function open() {
  const clock = new ManualClock()
  const stores = new MemoryStores()
  const reads = { count: 0, moved: 0 }
  const node = (worker: number) => {
    const log = new MemoryConversationLog(stores, clock)
    const { read, append } = log
    log.read = (...args) => {
      reads.count++
      return read.apply(log, args)
    }
    log.append = async (batch) => {
      const outcome = await append.call(log, batch)
      if (outcome.status === 'moved') reads.moved++
      return outcome
    }
    const states = new ConversationStates(new MemoryConversationStore(stores, clock), log, { shared: true })
    let time = clock.now()
    const delivered: Delivery[] = []
    const lanes = new Lanes({
      log,
      states,
      nextId: (after) => {
        time = Math.max(time, Number(BigInt(after) >> 22n) + 1_704_067_200_000) + 1
        return { id: composeSnowflake(time, worker << 12), at: time }
      },
      ensureIds: () => undefined,
      deliver: (delivery) => delivered.push(delivery),
    })
    const submit = (decide: Operation['decide'], sender = 'ann'): Promise<Appended> =>
      new Promise((resolve, reject) => {
        lanes.submit('team', {
          sender,
          device: 'd',
          clientMessageId: undefined,
          fingerprint: undefined,
          size: 9,
          decide,
          settle: (outcome) => (outcome instanceof AppError ? reject(outcome) : resolve(outcome as Appended)),
        })
      })
    const say = (text: string, sender?: string) => submit(() => draft('message', { content: { text } }), sender)
    return { states, lanes, delivered, submit, say }
  }
  const [one, other] = [node(1), node(2)]
  one.states.begin(emptyGroup('team', clock.now()))
  const members = ['ann', 'bob'].map((user) => ({ user, role: 'member' }))
  await one.submit(() => draft('conversation', { title: 'Team', members }))
  return { one, other, reads }
}

const draft = (kind: Draft['kind'], body: object): Draft => ({ kind, body: JSON.stringify(body) })

describe('the view of a conversation on one of several nodes', () => {
  it('is as new as what was acknowledged elsewhere when that is asked for', async () => {
    const { one, other } = await open()
    expect((await other.states.current('team'))?.seq).toBe(1)
    await one.say('hello')
    await one.submit(() => draft('membership', { user: 'bob', role: null }))
    expect((await other.states.get('team'))?.seq).toBe(1)
    const state = await other.states.current('team')
    expect([state?.seq, state?.isPresent('bob')]).toEqual([3, false])
  })

  it('costs no read where an older view is enough', async () => {
    const { one, other, reads } = await open()
    await other.states.current('team')
    await one.say('hello')
    reads.count = 0
    expect((await other.states.current('team', 1))?.seq).toBe(1)
    expect(reads.count).toBe(0)
    expect((await other.states.current('team', 2))?.seq).toBe(2)
  })

  it('follows what others appended, so that taking turns on two nodes costs no refused append', async () => {
    const { one, other, reads } = await open()
    await other.say('zero')
    const last = (node: typeof one) => node.delivered.at(-1)?.batch.entries ?? []
    one.lanes.follow(last(other))
    for (const text of ['one', 'two', 'three']) {
      await one.say(text)
      other.lanes.follow(last(one))
      await other.say(`${text}!`)
      one.lanes.follow(last(other))
    }
    expect(reads.moved).toBe(0)
    one.lanes.follow(last(other))
    expect((one.states.peek('team') as ConversationState).seq).toBe(8)
  })

  it('D5: what is decided on one head is never appended behind another, though the view goes on meanwhile', async () => {
    const { one, other } = await open()
    await other.states.current('team')
    let decided = 0
    const slow = other.submit(async (state) => {
      decided++
      if (!state.isPresent('bob')) throw new AppError('not_found', 'gone')
      if (decided === 1) {
        await one.submit(() => draft('membership', { user: 'bob', role: null }))
        await other.states.refresh(state)
      }
      return draft('message', { content: { text: 'still here?' } })
    }, 'bob')
    await expect(slow).rejects.toMatchObject({ code: 'not_found' })
    expect(decided).toBe(2)
  })

  it('does not go back when a reader took the entries in first', async () => {
    const { one, other } = await open()
    const state = (await other.states.current('team')) as ConversationState
    const said = other.say('mine')
    await said
    await one.say('later')
    await other.states.refresh(state)
    other.lanes.follow(other.delivered.at(-1)?.batch.entries ?? [])
    expect(state.seq).toBe(3)
  })
})
