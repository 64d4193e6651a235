import { describe, expect, it } from 'vitest'
import { identityOf, openAccounts, password, phone } from './service.contract.ts'

const gone = (id: string) => ({ id, username: '', displayName: '' })

describe('profile and settings', () => {
  it('C6: a change answers the object, and everybody sees it', async () => {
    const { accounts, register, directory } = openAccounts()
    const { user } = await register('alice')
    const changed = { ...user, displayName: 'Alice A.', avatar: 'm1' }
    expect(await accounts.patchProfile(user.id, { displayName: 'Alice A.', avatar: 'm1' })).toEqual(changed)
    expect(await directory.users([user.id, user.id])).toEqual([changed])
    expect(await accounts.patchProfile(user.id, {})).toEqual(changed)
    expect(await accounts.patchProfile(user.id, { avatar: null })).toEqual({ ...user, displayName: 'Alice A.' })
    await expect(accounts.profile('404')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('settings are changed one by one, by several devices at once, and taken away by null', async () => {
    const { accounts, register } = openAccounts()
    const { id } = (await register()).user
    expect(await accounts.settings(id)).toEqual({})
    await Promise.all([
      accounts.patchSettings(id, { readReceipts: false }),
      accounts.patchSettings(id, { lastSeen: 'nobody' }),
      accounts.patchSettings(id, { quietHours: { from: '22:00', to: '07:00' } }),
    ])
    const quiet = { from: '22:00', to: '07:00' }
    expect(await accounts.settings(id)).toEqual({ readReceipts: false, lastSeen: 'nobody', quietHours: quiet })
    expect(await accounts.patchSettings(id, { quietHours: null })).toEqual({ readReceipts: false, lastSeen: 'nobody' })
  })
})

describe('search', () => {
  it('finds by exact or leading username, at most twenty, and nothing by two letters but that name', async () => {
    const { directory, register } = openAccounts()
    for (let i = 0; i < 25; i++) await register(`ann.${String(i).padStart(2, '0')}`)
    await register('anna')
    await register('bob')
    const names = async (query: string) => (await directory.search(query)).map(({ username }) => username)
    expect(await names('ann.')).toEqual(Array.from({ length: 20 }, (_, i) => `ann.${String(i).padStart(2, '0')}`))
    expect(await names(' @ANNA ')).toEqual(['anna'])
    expect(await names('bob')).toEqual(['bob'])
    for (const nobody of ['an', 'a', '', 'an%', 'ann*', 'ännä', 'x'.repeat(40)])
      expect(await names(nobody), nobody).toEqual([])
  })
})

describe('blocks', () => {
  it('have a direction, count in both, and hold from the moment they are answered', async () => {
    const { accounts, directory, register } = openAccounts()
    const [a, b, c] = [(await register()).user, (await register()).user, (await register()).user] as const
    const between = async () => [await directory.blockedBetween(a.id, b.id), await directory.blockedBetween(b.id, a.id)]
    expect(await between()).toEqual([false, false])
    await accounts.block(a.id, b.id)
    await accounts.block(a.id, b.id)
    expect(await between()).toEqual([true, true])
    expect([await directory.hasBlocked(a.id, b.id), await directory.hasBlocked(b.id, a.id)]).toEqual([true, false])
    // What is at hand is answered without waiting: the way of every message.
    expect([directory.blockedBetween(a.id, b.id), directory.hasBlocked(b.id, a.id)]).toEqual([true, false])
    await accounts.block(a.id, c.id)
    expect(new Set(await accounts.blocks(a.id))).toEqual(new Set([b, c]))
    await accounts.unblock(a.id, b.id)
    await accounts.unblock(a.id, b.id)
    expect(await between()).toEqual([false, false])
    expect(await accounts.blocks(a.id)).toEqual([c])
  })

  it('of oneself or of nobody are refused', async () => {
    const { accounts, register } = openAccounts()
    const { id } = (await register()).user
    await expect(accounts.block(id, id)).rejects.toMatchObject({ code: 'invalid', field: 'userId' })
    await expect(accounts.block(id, '404')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('I11: are at most ten thousand', async () => {
    const { accounts, directory, register, stores } = openAccounts()
    const { id } = (await register()).user
    const known = (await register()).user.id
    await accounts.block(id, known)
    for (let i = 1; i < 10_000; i++) await stores.blocks.add(id, `u${i}`)
    directory.changed(id)
    const other = (await register()).user.id
    await expect(accounts.block(id, other)).rejects.toMatchObject({ code: 'limit_reached' })
    // Repeating what is so changes nothing.
    await accounts.block(id, known)
    await accounts.unblock(id, 'u1')
    await accounts.block(id, other)
  })
})

describe('with other nodes that change users too', () => {
  it('what is at hand is forgotten at their word, or after a while without it', async () => {
    const here = openAccounts({ time: 5000 })
    const elsewhere = openAccounts({ stores: here.stores })
    const told: string[] = []
    elsewhere.directory.onChanged((user) => told.push(user))
    const [alice, bob] = [(await here.register()).user.id, 'bob']
    await elsewhere.register()
    const seen = async () => [
      (await here.accounts.profile(alice)).displayName,
      (await here.accounts.settings(alice)).preview,
      (await here.directory.blocksOf(alice)).has(bob),
    ]
    const before = await seen()
    await elsewhere.accounts.patchProfile(alice, { displayName: 'Other' })
    await elsewhere.accounts.patchSettings(alice, { preview: false })
    await here.stores.blocks.add(alice, bob)
    expect(await seen()).toEqual(before)
    expect(told).toEqual([alice, alice])
    await here.clock.advance(5000)
    expect(await seen()).toEqual(['Other', false, true])
    await elsewhere.accounts.unblock(alice, bob)
    await elsewhere.accounts.patchSettings(alice, { preview: null })
    for (const user of told) here.directory.forget(user)
    expect(await seen()).toEqual(['Other', undefined, false])
  })
})

describe('deletion', () => {
  it('needs the password, waits for what has to end first, and leaves a nameless user', async () => {
    const { accounts, devices, directory, register, logIn, revoked } = openAccounts()
    const [alice, bob] = [await register('alice'), await register('bob')]
    const laptop = await logIn(alice)
    await accounts.block(bob.user.id, alice.user.id)
    const events: string[] = []
    accounts.beforeErasure(async (user) => {
      await Promise.resolve()
      events.push(`leaves ${user}, ${(await directory.users([user])).length} of it there`)
    })
    await expect(accounts.erase(identityOf(alice), 'wrong one')).rejects.toMatchObject({ code: 'forbidden' })
    expect(events).toEqual([])
    await accounts.erase(identityOf(alice), password)
    expect(events).toEqual([`leaves ${alice.user.id}, 1 of it there`, `leaves ${alice.user.id}, 0 of it there`])
    expect(new Map(revoked)).toEqual(
      new Map([alice, laptop].map(({ device }) => [device.id, 'account_deleted'] as const)),
    )
    for (const { token } of [alice, laptop]) expect(await devices.authenticate(token)).toBeUndefined()
    expect(await accounts.profile(alice.user.id)).toEqual(gone(alice.user.id))
    expect(await directory.users([alice.user.id, bob.user.id])).toEqual([bob.user])
    expect(await directory.search('alice')).toEqual([])
    expect(await accounts.blocks(bob.user.id)).toEqual([])
    expect(await accounts.settings(alice.user.id)).toEqual({})
    await expect(register('alice')).rejects.toMatchObject({ code: 'conflict' })
    for (const username of ['alice', ''])
      await expect(accounts.logIn({ username, password, device: phone })).rejects.toMatchObject({
        code: 'unauthenticated',
      })
  })

  it('that could not end what has to end first deletes nothing, and can be asked for again', async () => {
    const { accounts, devices, register, logIn } = openAccounts()
    const alice = await register()
    let failing = true
    accounts.beforeErasure(async () => {
      if (failing) throw new Error('a group could not be left')
    })
    await expect(accounts.erase(identityOf(alice), password)).rejects.toThrow('could not be left')
    expect(await devices.authenticate(alice.token)).toEqual(identityOf(alice))
    await logIn(alice)
    failing = false
    await accounts.erase(identityOf(alice), password)
    expect(await devices.authenticate(alice.token)).toBeUndefined()
  })
})
