import { describe, expect, it } from 'vitest'
import { MemoryAccountStore } from '../adapters/memory/account-store.ts'
import { unavailable } from '../lib/errors.ts'
import { identityOf, memoryAccounts, openAccounts, password, phone, plainHasher } from './service.contract.ts'

describe('coming in', () => {
  it('registers with a first device; a name is taken once, in any letters', async () => {
    const { accounts, register, devices } = openAccounts()
    const alice = await register('alice')
    expect(alice).toMatchObject({
      user: { username: 'alice', displayName: 'alice' },
      device: { ...phone, current: true },
      token: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(await devices.authenticate(alice.token)).toEqual(identityOf(alice))
    await expect(register('alice')).rejects.toMatchObject({ code: 'conflict', field: 'username' })
    const again = await accounts.logIn({ username: 'ALICE', password, device: phone })
    expect(again.user).toEqual(alice.user)
    expect(again.device.id).not.toBe(alice.device.id)
    expect(again.token).not.toBe(alice.token)
  })

  it('of many who register one name at once exactly one gets it', async () => {
    const { register } = openAccounts()
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => register('wanted')))
    expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    for (const one of outcomes) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'conflict' })
  })

  it('answers alike for an unknown name, a wrong password and an account without one, and checks as much', async () => {
    const hasher = plainHasher()
    const { accounts, register } = openAccounts({ hasher })
    await register('alice')
    const [imported] = await accounts.importUsers(1)
    const answers = []
    for (const username of ['alice', 'nobody', imported!.username, '', 'no such ✗']) {
      const before = hasher.checks
      const error: unknown = await accounts
        .logIn({ username, password: 'wrong one', device: phone })
        .catch((one) => one)
      expect(error).toMatchObject({ code: 'unauthenticated' })
      answers.push([(error as Error).message, hasher.checks - before])
    }
    expect(new Set(answers.map(String)).size).toBe(1)
  })

  it('too many wrong passwords close the name to the right one too, known or not, and no other door', async () => {
    const hasher = plainHasher()
    const { accounts, register, clock } = openAccounts({ hasher, limited: true })
    const alice = await register('alice')
    const wrong = (username: string) => accounts.logIn({ username, password: 'wrong one', device: phone })
    for (const username of ['alice', 'nobody']) {
      for (let i = 0; i < 11; i++) await expect(wrong(username)).rejects.toMatchObject({ code: 'unauthenticated' })
      const { checks } = hasher
      await expect(wrong(username)).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 30_000 })
      expect(hasher.checks).toBe(checks)
    }
    const right = () => accounts.logIn({ username: 'Alice', password, device: phone })
    await expect(right()).rejects.toMatchObject({ code: 'rate_limited' })
    await accounts.changePassword(identityOf(alice), password, 'another long one')
    await clock.advance(30_000)
    await expect(
      accounts.logIn({ username: 'alice', password: 'another long one', device: phone }),
    ).resolves.toBeTruthy()
  })

  it('a stolen token does not help to find the password', async () => {
    const { accounts, register } = openAccounts({ limited: true })
    const alice = identityOf(await register())
    for (let i = 0; i < 11; i++)
      await expect(accounts.changePassword(alice, `guess ${i}`, 'mine from now')).rejects.toMatchObject({
        code: 'forbidden',
        field: 'password',
      })
    await expect(accounts.erase(alice, password)).rejects.toMatchObject({ code: 'rate_limited' })
  })

  it('a store that cannot be reached lets nobody in and takes no name', async () => {
    class Away extends MemoryAccountStore {
      override async create(): Promise<boolean> {
        throw unavailable('away')
      }
    }
    const stores = { ...memoryAccounts(), accounts: new Away() }
    const { register } = openAccounts({ stores })
    await expect(register('alice')).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1000 })
    expect(await stores.accounts.byUsername('alice')).toBeUndefined()
  })
})

describe('import', () => {
  it('makes users with one device and token each, again and again, whom no password lets in', async () => {
    const { accounts, devices, clock, directory } = openAccounts()
    const rows = await accounts.importUsers(2500)
    await clock.advance(5)
    rows.push(...(await accounts.importUsers(3)))
    expect(new Set(rows.flatMap((row) => [row.user, row.device, row.username, row.token])).size).toBe(4 * 2503)
    for (const { user, device, username, token } of [rows[0]!, rows[2499]!, rows[2502]!]) {
      expect(username).toMatch(/^[a-z0-9_.]{3,32}$/)
      expect(await devices.authenticate(token)).toEqual({ user, device })
      expect(await directory.users([user])).toEqual([{ id: user, username, displayName: username }])
      await expect(accounts.logIn({ username, password: '', device: phone })).rejects.toMatchObject({
        code: 'unauthenticated',
      })
    }
  })
})
