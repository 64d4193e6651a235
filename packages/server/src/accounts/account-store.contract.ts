import { expect } from 'vitest'
import { type Rules, retry, unique } from '../lib/stores.contract.ts'
import type { Account, AccountChange, SettingsPatch } from './account-store.ts'
import { type AccountNode, account, created, withDevices } from './fixtures.contract.ts'

export const accountStoreRules: Rules<AccountNode> = {
  'keeps an account as it was given, on every node': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const full = await created(node, { avatar: 'm1', settings: { readReceipts: false, lastSeen: 'nobody' } })
    const bare = await created(node, { password: undefined })
    for (const made of [full, bare]) {
      expect(await retry(() => other.accounts.byUsername(made.username))).toEqual(made)
      expect(await retry(() => other.accounts.byIds([made.id]))).toEqual([made])
    }
  },

  'a username belongs to whoever was first; asking again for the same account is no other': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const first = await created(node)
    const second = account(first.username)
    expect(await retry(() => other.accounts.create(second))).toBe(false)
    expect(await retry(() => other.accounts.create(first))).toBe(true)
    expect(await retry(() => node.accounts.byUsername(first.username))).toEqual(first)
    expect(await retry(() => node.accounts.byIds([second.id]))).toEqual([])
  },

  'of many who want one username at once exactly one gets it': async (stores) => {
    const nodes = [await stores.node(1), await stores.node(2)]
    const name = unique('name')
    const wanted = Array.from({ length: 10 }, () => account(name))
    const got = await Promise.all(
      wanted.map((one, index) => retry(() => (nodes[index % 2] as AccountNode).accounts.create(one))),
    )
    expect(got.filter(Boolean)).toHaveLength(1)
    const winner = wanted[got.indexOf(true)] as Account
    expect(await retry(() => (nodes[0] as AccountNode).accounts.byUsername(name))).toEqual(winner)
  },

  'finds by ids those there are, each once': async (stores) => {
    const node = await stores.node()
    const [a, b] = [await created(node), await created(node)]
    const found = await retry(() => node.accounts.byIds([b.id, unique('u'), a.id, b.id]))
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set([a.id, b.id]))
    expect(found).toHaveLength(2)
    expect(await retry(() => node.accounts.byIds([]))).toEqual([])
    expect(await retry(() => node.accounts.byUsername(unique('nobody')))).toBeUndefined()
  },

  'searches by the beginning of the username, in order of it, as many as asked for': async (stores) => {
    const node = await stores.node()
    const stem = unique('s')
    for (const end of ['b', 'a_1', 'c.x', 'a']) {
      expect(await retry(() => node.accounts.create(account(stem + end)))).toBe(true)
    }
    expect(await retry(() => node.accounts.create(account(unique('t'))))).toBe(true)
    const names = async (prefix: string, limit: number) =>
      (await retry(() => node.accounts.search(prefix, limit))).map(({ username }) => username.slice(stem.length))
    expect(await names(stem, 10)).toEqual(['a', 'a_1', 'b', 'c.x'])
    expect(await names(stem, 2)).toEqual(['a', 'a_1'])
    expect(await names(`${stem}a`, 10)).toEqual(['a', 'a_1'])
    const behind = await retry(() => node.accounts.search(stem, 2, `${stem}a`))
    expect(behind.map(({ username }) => username)).toEqual([`${stem}a_1`, `${stem}b`])
    expect(await retry(() => node.accounts.search(stem, 2, `${stem}c.x`))).toEqual([])
    // The characters of a username that mean something in patterns are characters.
    for (const pattern of ['_', '%', '.', '*', '?']) expect(await names(stem + pattern, 10), pattern).toEqual([])
  },

  'what is not named by a change stays': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const made = await created(node, { avatar: 'm1' })
    const change = async (what: AccountChange) => retry(() => node.accounts.change(made.id, what))
    const now = async () => (await retry(() => other.accounts.byIds([made.id])))[0]
    await change({ displayName: 'Other' })
    expect(await now()).toEqual({ ...made, displayName: 'Other' })
    await change({ avatar: undefined, settings: { preview: false } })
    expect(await now()).toEqual({ ...made, displayName: 'Other', avatar: undefined, settings: { preview: false } })
    await change({ password: '$argon2id$other' })
    expect((await now())?.password).toBe('$argon2id$other')
    await change({})
    await retry(() => node.accounts.change(unique('u'), { displayName: 'nobody' }))
    expect((await now())?.displayName).toBe('Other')
  },

  'O1, O4: keeps who is suspended and who operates, until it is taken away or the account is erased': async (
    stores,
  ) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const made = await created(node)
    const suspension = { at: 5, reason: 'spam "and" worse', by: 'u1' }
    const whole = await created(node, { suspension, operator: true })
    const change = (what: AccountChange) => retry(() => node.accounts.change(made.id, what))
    const now = async () => (await retry(() => other.accounts.byIds([made.id])))[0]
    const operators = async () => (await retry(() => other.accounts.operators())).map(({ id }) => id)
    expect(await retry(() => other.accounts.byIds([whole.id]))).toEqual([whole])
    await change({ suspension })
    await change({ displayName: 'Other' })
    expect(await now()).toEqual({ ...made, displayName: 'Other', suspension })
    expect(await operators()).not.toContain(made.id)
    await change({ operator: true })
    await change({ suspension: undefined })
    expect(await now()).toEqual({ ...made, displayName: 'Other', operator: true })
    expect(await operators()).toEqual(expect.arrayContaining([made.id, whole.id]))
    await change({ operator: false })
    await retry(() => node.accounts.erase(whole.id, 7))
    const left = await operators()
    for (const id of [made.id, whole.id]) expect(left).not.toContain(id)
    expect((await retry(() => other.accounts.byIds([whole.id])))[0]?.suspension).toBeUndefined()
  },

  'settings are merged field by field, also when two devices change them at once': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { id } = await created(node, { settings: { locale: 'de', preview: true } })
    const change = (at: AccountNode, settings: SettingsPatch) => retry(() => at.accounts.change(id, { settings }))
    const now = async () => (await retry(() => other.accounts.byIds([id])))[0]?.settings
    const quiet = { from: '22:00', to: '07:00', timeZone: 'Europe/Vienna' }
    await Promise.all([
      change(node, { readReceipts: false }),
      change(other, { quietHours: quiet }),
      change(node, { lastSeen: 'nobody', preview: undefined }),
      change(other, { locale: null }),
    ])
    expect(await now()).toEqual({ preview: true, readReceipts: false, lastSeen: 'nobody', quietHours: quiet })
    // A field is replaced as a whole.
    await change(node, { quietHours: { from: '23:00', to: '06:00' }, preview: null, locale: null })
    expect(await now()).toEqual({
      readReceipts: false,
      lastSeen: 'nobody',
      quietHours: { from: '23:00', to: '06:00' },
    })
  },

  'an erased account keeps its id and nothing else; nobody inherits its name': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { user, username, devices } = await withDevices(node)
    for (const at of [700, 900]) await retry(() => node.accounts.erase(user, at))
    const [left] = await retry(() => other.accounts.byIds([user]))
    expect(left).toMatchObject({ id: user, username: '', displayName: '', settings: {}, deletedAt: 700 })
    expect([left?.avatar, left?.password]).toEqual([undefined, undefined])
    expect(await retry(() => other.accounts.byUsername(username))).toBeUndefined()
    expect(await retry(() => other.accounts.byUsername(''))).toBeUndefined()
    expect(await retry(() => other.accounts.search(username, 5))).toEqual([])
    expect(await retry(() => other.devices.of(user))).toEqual([])
    expect(await retry(() => other.devices.byToken(devices[0].tokenHash))).toBeUndefined()
    expect(await retry(() => other.accounts.create(account(username)))).toBe(false)
    await retry(() => node.accounts.erase(unique('u'), 700))
  },

  'what was on its way while the account was erased changes nothing any more': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { user } = await withDevices(node)
    await retry(() => node.accounts.erase(user, 700))
    await retry(() => other.accounts.change(user, { displayName: 'back again', password: '$argon2id$late' }))
    const [left] = await retry(() => node.accounts.byIds([user]))
    expect([left?.displayName, left?.password]).toEqual(['', undefined])
  },

  'creates many at once, which may be repeated': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const many = Array.from({ length: 1203 }, () => account(unique('i')))
    for (let i = 0; i < 2; i++) {
      expect(new Set(await retry(() => node.accounts.createAll(many)))).toEqual(new Set([true]))
      const found = await retry(() => other.accounts.byIds(many.map(({ id }) => id)))
      expect(new Map(found.map((one) => [one.id, one]))).toEqual(new Map(many.map((one) => [one.id, one])))
    }
    expect(await retry(() => node.accounts.createAll([]))).toEqual([])
  },

  'of many that are created at once none takes another’s name': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const owner = await created(node)
    const [thief, first] = [account(owner.username), account(unique('i'))]
    const second = account(first.username)
    for (let i = 0; i < 2; i++) {
      expect(await retry(() => node.accounts.createAll([thief, first, second]))).toEqual([false, true, false])
      for (const one of [owner, first]) expect(await retry(() => other.accounts.byUsername(one.username))).toEqual(one)
      expect(await retry(() => other.accounts.byIds([thief.id, second.id]))).toEqual([])
    }
  },
}
