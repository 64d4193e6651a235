import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileStore } from './store/file-store.ts'
import { online, RealServer, shownBy, userOf } from './testing/real-server.ts'
import { until } from './testing/until.ts'

let server: RealServer

beforeAll(async () => {
  server = await RealServer.start()
})
afterAll(() => server.stop())

describe('a client of a real server', () => {
  it('sends, receives, edits, reacts, deletes; both users show the same', async () => {
    const [anna, ben] = [await server.newUser(), await server.newUser()]
    const heard: unknown[] = []
    ben.on('message', ({ content }) => heard.push(content))
    const chat = await anna.direct(userOf(ben))
    expect((await chat.send('hello')).seq).toBe(1)
    await until('ben hears it', () => heard.length === 1)
    expect(heard).toEqual([{ text: 'hello' }])
    const theirs = ben.conversation(chat.id)
    await until('ben knows who it is', () => theirs.state?.peer !== undefined)
    expect(theirs.state).toMatchObject({ kind: 'direct', unread: 1, peer: { username: anna.session?.user.username } })
    await theirs.react(1, '👍')
    await chat.edit(1, 'hello there')
    await chat.send('second')
    await chat.delete(4)
    await until('both are up to date', () => chat.state?.head === 5 && theirs.state?.head === 5)
    const mine = (await chat.messages()).items
    expect(mine).toMatchObject([
      { seq: 1, content: { text: 'hello there' }, reactions: { '👍': [userOf(ben)] } },
      { seq: 4, content: {}, deletedAt: expect.any(Number) },
    ])
    // `editedAt` and `deletedAt` of the one who did it are those that everybody else is told.
    const common = ({ seq, content, editedAt, deletedAt, reactions }: (typeof mine)[number]) => ({
      seq,
      content,
      editedAt,
      deletedAt,
      reactions,
    })
    expect((await theirs.messages()).items.map(common)).toEqual(mine.map(common))
    await theirs.read()
    expect(theirs.state?.unread).toBe(0)
    await until('anna sees that it was seen', async () => (await chat.messages()).items[0]?.seenAt !== undefined)
  })

  it('a device that was there, one that came later, and one that polls show the same', async () => {
    const [anna, ben] = [await server.newUser(), await server.newUser()]
    const polling = await server.newDevice(anna, { openSocket: blocked })
    const group = await anna.createGroup({ title: 'Garden', members: [userOf(ben)] })
    const direct = await ben.direct(userOf(anna))
    for (let n = 0; n < 5; n++) {
      await group.send(`of anna ${n}`)
      await ben.conversation(group.id).send(`of ben ${n}`)
      await direct.send(`direct ${n}`)
    }
    await polling.conversation(group.id).send('from the one that polls')
    await group.update({ title: 'Kitchen' })
    await ben.conversation(group.id).react(2, '🌱')
    await group.edit(2, 'edited')
    await group.delete(4)
    await anna.conversation(direct.id).delete(2, 'me')
    await group.setSettings({ pinned: true })
    await group.read(5)
    const later = await server.newDevice(anna)
    const head = async (): Promise<number> => (await later.api.conversation(group.id)).head
    const devices = [anna, polling, later]
    const top = await head()
    await until('all are up to date', () =>
      devices.every((device) => device.conversation(group.id).state?.head === top),
    )
    await until('the count is told', () => devices.every((device) => device.conversation(group.id).state?.read === 5))
    await until('delivered', async () => JSON.stringify(await shownBy(later)).includes('deliveredAt'))
    const expected = withoutReceipts(await shownBy(later))
    for (const device of devices) {
      await until('hidden everywhere', async () => (await device.conversation(direct.id).messages()).items.length === 4)
      expect(withoutReceipts(await shownBy(device))).toEqual(expected)
    }
    expect(expected).toMatchObject([{ title: 'Kitchen', settings: { pinned: true }, read: 5 }, { unread: 5 }])
  }, 60_000)

  it('is in a group from being added to being removed, and again from being added again (rule D5)', async () => {
    const [anna, ben] = [await server.newUser(), await server.newUser()]
    const group = await anna.createGroup({ title: 'Club', members: [] })
    await group.send('before')
    await group.addMember(userOf(ben))
    await group.send('with ben')
    const theirs = ben.conversation(group.id)
    await until('ben has it', () => theirs.state?.head === 4 && theirs.state.title === 'Club')
    expect((await theirs.messages()).items.map(({ content }) => content)).toEqual([{ text: 'with ben' }])
    expect(theirs.state).toMatchObject({ role: 'member', unread: 1, joinedSeq: 3 })
    await group.removeMember(userOf(ben))
    await until('ben is out', () => theirs.state?.role === null)
    expect(ben.conversations()).toEqual([])
    expect(ben.conversations({ left: true })).toHaveLength(1)
    await expect(theirs.send('still here?')).rejects.toMatchObject({ code: 'not_found' })
    await group.send('without ben')
    await group.addMember(userOf(ben), 'admin')
    await group.send('again with ben')
    await until('ben is back', () => theirs.state?.head === 8)
    await until('details', () => theirs.state?.title === 'Club')
    expect(theirs.state).toMatchObject({ role: 'admin', unread: 1 })
    const fresh = await server.newDevice(ben)
    const shown = (await fresh.conversation(group.id).messages()).items
    expect((await theirs.messages()).items.map(({ seq }) => seq)).toEqual(shown.map(({ seq }) => seq))
    expect((await theirs.members()).map(({ user, role }) => [user, role])).toEqual([
      [userOf(anna), 'owner'],
      [userOf(ben), 'admin'],
    ])
  })

  it('goes on after a restart of the server, and of itself over a file', async () => {
    const path = join(server.folder, 'device')
    const [anna, ben] = [await server.newUser({ store: fileStore(path) }), await server.newUser()]
    const chat = await anna.direct(userOf(ben))
    await chat.send('one')
    await until('ben has it', () => ben.conversation(chat.id).state?.head === 1)
    const restarted = server.restart()
    const two = chat.send('two')
    await restarted
    expect((await two).seq).toBe(2)
    anna.disconnect()
    const waiting = chat.send('three').catch(() => {})
    await until('it is stored', () => chat.pending().length === 1)
    await anna.close()
    await waiting
    await ben.conversation(chat.id).send('meanwhile')
    const again = await online(await server.client({ store: fileStore(path) }))
    const mine = again.conversation(chat.id)
    await until('everything is there', () => mine.pending().length === 0 && mine.state?.head === 4)
    const texts = (await mine.messages()).items.map(({ content }) => content)
    expect(texts).toEqual(['one', 'two', 'meanwhile', 'three'].map((text) => ({ text })))
    const theirs = ben.conversation(chat.id)
    await until('ben has everything', () => theirs.state?.head === 4)
    expect((await theirs.messages()).items.map(({ content }) => content)).toEqual(texts)
  }, 60_000)

  it('ends when another device of the user logs it out', async () => {
    const anna = await server.newUser()
    const other = await server.newDevice(anna)
    const told: unknown[] = []
    anna.on('device', ({ added, removed }) => told.push({ added, removed }))
    await anna.account.removeDevice(other.session?.device.id ?? '')
    await until('it is out', () => other.state.status === 'closed')
    expect(other.state).toEqual({ status: 'closed', reason: 'logged-out' })
    expect(other.session?.token).toBeUndefined()
    expect((await anna.account.devices()).map(({ current }) => current)).toEqual([true])
  })

  it('sees who is there and who types', async () => {
    const [anna, ben] = [await server.newUser(), await server.newUser()]
    const chat = await anna.direct(userOf(ben))
    await chat.send('hello')
    await until('ben has it', () => ben.conversation(chat.id).state !== undefined)
    const presence: string[] = []
    const typing: string[] = []
    anna.on('presence', ({ user, status }) => user === userOf(ben) && presence.push(status))
    anna.on('typing', ({ user, state }) => user === userOf(ben) && typing.push(state))
    anna.presence.watch([userOf(ben)])
    ben.conversation(chat.id).typing()
    await until('typing', () => typing.includes('typing'))
    ben.presence.setStatus('away')
    await until('away', () => presence.includes('away'))
  })

  it('finds users, blocks them, and finds words', async () => {
    const [anna, ben] = [await server.newUser(), await server.newUser()]
    const { username = '' } = ben.session?.user ?? {}
    expect((await anna.account.findUsers(username)).map(({ id }) => id)).toContain(userOf(ben))
    const chat = await anna.direct(userOf(ben))
    await chat.send('the quick brown fox')
    await until('indexed', async () => (await chat.search('brown')).length === 1)
    await anna.account.block(userOf(ben))
    expect((await anna.account.blocks()).map(({ id }) => id)).toEqual([userOf(ben)])
    await expect(ben.conversation(chat.id).send('hello?')).rejects.toMatchObject({ code: 'forbidden' })
    expect(ben.conversation(chat.id).pending()).toEqual([])
    await anna.account.unblock(userOf(ben))
    await ben.conversation(chat.id).send('hello!')
    expect(await anna.account.update({ displayName: 'Anna' })).toMatchObject({ displayName: 'Anna' })
    expect(anna.session?.user.displayName).toBe('Anna')
    await expect(anna.register({ username, password: 'correct horse', device: { name: 'x' } })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('forgets everything when it logs out', async () => {
    const anna = await server.newUser()
    await anna.createGroup({ title: 'Gone', members: [] })
    await anna.logOut()
    expect(anna.session).toBeUndefined()
    expect(anna.conversations()).toEqual([])
    expect(anna.state).toEqual({ status: 'closed', reason: 'logged-out' })
    expect(() => anna.connect()).toThrow('Log in first.')
  })
})

/** A network that lets no socket through. */
const blocked = (
  _url: string,
  _protocols: readonly string[],
  events: { close(code: number, reason: string): void },
) => {
  queueMicrotask(() => events.close(1006, ''))
  return { send: () => {}, close: () => {} }
}

/** Receipts are gathered for a second, and told to devices that were there: their times may still be on the way. */
function withoutReceipts(shown: object[]): object[] {
  return JSON.parse(
    JSON.stringify(shown, (key, value) => (key === 'deliveredAt' || key === 'seenAt' ? undefined : value)),
  )
}
