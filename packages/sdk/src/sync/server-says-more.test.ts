import type { EntryUpdate, Update } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { liveClient, newWorld } from '../testing/sim-client.ts'

describe('what a server adds', () => {
  it('kinds of updates that this version does not know are passed over, and take their place in the log', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await liveClient(world)
    const errors: Error[] = []
    client.on('error', (error) => errors.push(error))
    world.server.enqueue({ kind: 'weather', conversation: 'c1', sunny: true } as unknown as Update)
    world.server.append({ kind: 'sticker', conversation: 'c1', seq: 1, by: 'other', at: 1 } as unknown as EntryUpdate)
    world.server.say('c1', 'hello')
    await world.clock.advance(100)
    expect(client.conversation('c1').state).toMatchObject({ head: 2, unread: 1 })
    expect(world.server.sessions[0]?.acks.at(-1)).toBe('3')
    expect(errors).toEqual([])
    await client.close()
  })

  it('the type and size of media come back with the message', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await liveClient(world)
    const media = { id: 'm1', type: 'image/png', size: 10, width: 4, height: 3 }
    world.server.answer = (call) => {
      if (call.method !== 'GET' || !call.path.endsWith('/messages')) return world.server.route(call)
      expect(Object.fromEntries(call.query)).toEqual({ after: '0', before: '2', limit: '1' })
      return {
        items: world.server.rendered('c1').map((message) => ({ ...message, content: { media } })),
        from: 1,
        to: 1,
      }
    }
    void client.conversation('c1').send({ media: { id: 'm1' } })
    await world.clock.advance(100)
    expect((await client.conversation('c1').message(1))?.content).toEqual({ media })
    expect(client.conversation('c1').state?.lastMessage?.content).toEqual({ media })
    await client.close()
  })

  it('D7: an own message that is answered before the first event of its conversation is not forgotten', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    const { server, clock } = world
    server.answer = async (call) => {
      const answer = server.route(call)
      if (call.path === '/v1/conversations') await new Promise<void>((resolve) => clock.after(100, resolve))
      return answer
    }
    server.lag = () => 30
    server.say('c1', 'first')
    void client.conversation('c1').send('second')
    await clock.advance(1000)
    const { items } = await client.conversation('c1').messages({ local: true })
    expect(items.map(({ seq }) => seq)).toEqual([1, 2])
    expect(client.conversation('c1').state?.head).toBe(2)
    await client.close()
  })

  it('Y2: what my other device read, and deleted for me, may come before the conversation does', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    const { server, clock } = world
    server.lag = () => 30
    for (const text of ['one', 'two', 'three']) server.say('c1', text)
    server.read.c1 = 2
    server.enqueue({ kind: 'read', conversation: 'c1', read: 2, unread: 1, head: 3 })
    server.hide('c1', 3)
    await clock.advance(1000)
    const { items } = await clock.settling('messages', client.conversation('c1').messages({ limit: 10 }))
    expect(items.map(({ seq }) => seq)).toEqual([1, 2])
    expect(client.conversation('c1').state).toMatchObject({ head: 3, read: 2, unread: 1 })
    await client.close()
  })
})
