import type { Settings, Update } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { other } from '../testing/people.ts'
import { liveClient, newWorld } from '../testing/sim-client.ts'

const settingsOf = (client: Client) => client.conversation('c1').state?.settings

describe('settings of a conversation', () => {
  it('that my other device made before this one knew the conversation are there once it does', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    world.server.set('c1', { pinned: true })
    await world.clock.advance(100)
    expect(client.conversations()).toEqual([])
    world.server.say('c1', 'first')
    await world.clock.advance(100)
    expect(settingsOf(client)).toEqual({ pinned: true })
    await client.close()
  })

  it('are those of before when I come back to it, on a device that never had it', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    world.server.settings = { c1: { notify: 'none' } }
    for (const text of ['a', 'b']) world.server.log('c1').push({ ...world.server.say('elsewhere', text), seq: 1 })
    const at = world.clock.now()
    world.server.append({ kind: 'membership', conversation: 'c1', seq: 3, user: 'me', role: 'member', by: other, at })
    await world.clock.advance(100)
    expect(settingsOf(client)).toEqual({ notify: 'none' })
    await client.close()
  })

  it('that change while they are asked for are not overwritten by the answer', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    world.server.settings = { c1: { pinned: true } }
    world.server.answer = (call) => {
      const answer = world.server.route(call)
      // Its event is there before the answer is.
      if (call.path.endsWith('/membership')) world.server.set('c1', { pinned: false })
      return answer
    }
    world.server.say('c1', 'first')
    world.server.pageTime = 50
    await world.clock.advance(200)
    expect(settingsOf(client)).toEqual({ pinned: false })
    await client.close()
  })

  it('changed here and on another device at once end as the server has them', async () => {
    const world = await newWorld()
    world.server.say('c1', 'first')
    const client = await liveClient(world)
    world.server.pageTime = 50
    world.server.answer = (call) => {
      if (call.method !== 'PATCH') return world.server.route(call)
      world.server.set('c1', { pinned: true })
      world.server.set('c1', { pinned: false })
      return { pinned: true }
    }
    const done = client.conversation('c1').setSettings({ pinned: true })
    expect(await world.clock.settling('set', done)).toEqual({ pinned: true })
    await world.clock.advance(200)
    expect(settingsOf(client)).toEqual({ pinned: false })
    await client.close()
  })

  it('are those of the newest update, in whatever order a late queue gives them, and however often (rule Y2)', async () => {
    const world = await newWorld()
    world.server.say('c1', 'first')
    const client = await liveClient(world)
    const at = world.clock.now()
    const update = (settings: Settings, later: number): Update => {
      return { kind: 'settings', conversation: 'c1', ...settings, at: at + later }
    }
    world.server.enqueue(update({ pinned: true, notify: 'none' }, 20))
    world.server.enqueue(update({ pinned: false }, 10))
    await world.clock.advance(100)
    expect(settingsOf(client)).toEqual({ pinned: true, notify: 'none' })
    world.server.enqueue(update({ archived: true }, 20))
    world.server.enqueue(update({ pinned: false }, 19))
    await world.clock.advance(100)
    expect(settingsOf(client), 'of two at the same time the one that comes later').toEqual({ archived: true })
    await client.close()
  })

  it('of before are not undone after a restart of the program, either', async () => {
    const world = await newWorld()
    world.server.say('c1', 'first')
    const client = await liveClient(world)
    const at = world.clock.now()
    world.server.enqueue({ kind: 'settings', conversation: 'c1', pinned: true, at })
    await world.clock.advance(100)
    await client.close()
    world.server.enqueue({ kind: 'settings', conversation: 'c1', pinned: false, at: at - 1 })
    const again = await liveClient(world)
    expect(settingsOf(again)).toEqual({ pinned: true })
    await again.close()
  })
})
