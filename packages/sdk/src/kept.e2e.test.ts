import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { online, RealServer, userOf } from './testing/real-server.ts'
import { until } from './testing/until.ts'

let server: RealServer

beforeAll(async () => {
  server = await RealServer.start()
})
afterAll(() => server.stop())

describe('stars, pins, clearing and forwarding on a real server', () => {
  it('F1, F2, F4: each device of mine shows the same stars and pins, one that comes later too', async () => {
    const [anna, ben] = [await server.newUser(), await server.newUser()]
    const phone = await server.newDevice(anna)
    const chat = await ben.direct(userOf(anna))
    for (const words of ['one', 'two', 'three']) await chat.send(words)
    await until('the phone has them', () => phone.conversation(chat.id).state?.head === 3)
    await until('anna has them', () => anna.conversation(chat.id).state?.head === 3)
    await anna.conversation(chat.id).star(1)
    await anna.conversation(chat.id).star(3)
    await anna.conversation(chat.id).unstar(1)
    await chat.pin(2)
    const starred = async (client: typeof anna) =>
      (await client.starred({ local: true })).items.map(({ content }) => content)
    for (const device of [anna, phone]) {
      await until('the star', async () => (await starred(device)).length === 1)
      expect(await starred(device)).toEqual([{ text: 'three' }])
      await until('the pin', () => device.conversation(chat.id).state?.pins?.[0] === 2)
    }
    const late = await server.newDevice(anna)
    await online(late)
    expect((await late.starred()).items).toMatchObject([{ seq: 3, starredAt: expect.any(Number) }])
    expect((await late.conversation(chat.id).pinned()).map(({ content }) => content)).toEqual([{ text: 'two' }])
    await chat.unpin(2)
    await until('no pin', () => late.conversation(chat.id).state?.pins === undefined)
  })

  it('F6, F7, F8: cleared and removed everywhere of mine, until something is said', async () => {
    const [anna, ben] = [await server.newUser(), await server.newUser()]
    const phone = await server.newDevice(anna)
    const chat = await ben.direct(userOf(anna))
    for (const words of ['one', 'two']) await chat.send(words)
    for (const device of [anna, phone]) await until('both', () => device.conversation(chat.id).state?.unread === 2)
    await anna.conversation(chat.id).clear({ remove: true })
    for (const device of [anna, phone]) {
      await until('it left the list', () => device.conversations().length === 0)
      await until('it is read', () => device.conversation(chat.id).state?.unread === 0)
      expect((await device.conversation(chat.id).messages()).items).toEqual([])
    }
    expect((await chat.messages()).items).toHaveLength(2)
    await chat.send('again')
    for (const device of [anna, phone]) {
      await until('it is back', () => device.conversations()[0]?.unread === 1)
      expect((await device.conversation(chat.id).messages()).items).toMatchObject([{ seq: 3 }])
    }
    const late = await server.newDevice(anna)
    await online(late)
    expect((await late.conversation(chat.id).messages()).items).toMatchObject([{ seq: 3 }])
  })

  it('F8: a group that I left is in no list; what this device has of it can be cleared', async () => {
    const anna = await server.newUser()
    const group = await anna.createGroup({ title: 'Garden', members: [] })
    await group.send('hello')
    await group.leave()
    await until('left', () => anna.conversations().length === 0)
    expect((await group.messages()).items).toHaveLength(1)
    await group.clear()
    expect((await group.messages()).items).toEqual([])
  })

  it('F9: a forwarded message says so, and only what can be said again is', async () => {
    const [anna, ben] = [await server.newUser(), await server.newUser()]
    const group = await anna.createGroup({ title: 'Garden', members: [] })
    const chat = await anna.direct(userOf(ben))
    const { seq } = await group.send({ text: 'bring tea', location: { lat: 1, lon: 2 } })
    const [sent] = await group.forward(seq, [chat.id])
    expect((await chat.message(sent!.seq))?.content).toEqual({
      text: 'bring tea',
      location: { lat: 1, lon: 2 },
      forwarded: true,
    })
    await group.delete(seq)
    await expect(group.forward(seq, [chat.id])).rejects.toMatchObject({ code: 'gone' })
    await expect(group.forward(999, [chat.id])).rejects.toMatchObject({ code: 'not_found' })
  })
})
