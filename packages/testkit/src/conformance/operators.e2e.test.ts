import type { AdminDevice, AdminUser, AdminUserPage, AuditPage, Overview } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { logIn, RawApi } from '../raw-api.ts'
import { type Person, World } from './world.ts'

let world: World
let operator: Person
let link: string
const admin = '/v1/admin'

beforeAll(async () => {
  world = await World.start()
  operator = await world.person()
  const offered = await world.node.offerOperator()
  if (offered === undefined) throw new Error('There is an operator already.')
  link = offered
})
afterAll(() => world.stop())

const audit = async () => (await operator.api.call<AuditPage>('GET', `${admin}/audit`)).items
const closedWith = async (client: { closed: Promise<{ code: number }> }) => (await client.closed).code

describe('the first operator', () => {
  it('O2: is whoever brings the link first, once; with a wrong one nobody is', async () => {
    const other = await world.person()
    expect(await other.api.request('GET', `${admin}/overview`)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    })
    expect(await other.api.request('POST', `${admin}/claim`, { token: 'A'.repeat(43) })).toMatchObject({ status: 403 })
    expect(await new RawApi(world.url).request('POST', `${admin}/claim`, { token: link })).toMatchObject({
      status: 401,
    })
    const claimed = await operator.api.call<AdminUser>('POST', `${admin}/claim`, { token: link })
    expect(claimed).toMatchObject({ id: operator.user, operator: true })
    expect(await operator.api.request('POST', `${admin}/claim`, { token: link }), 'asked again').toMatchObject({
      status: 200,
    })
    expect(await other.api.request('POST', `${admin}/claim`, { token: link })).toMatchObject({ status: 403 })
    expect(await world.node.offerOperator(), 'there is one now').toBeUndefined()
    expect((await audit())[0]).toMatchObject({ action: 'claim', by: { id: operator.user } })
  })

  it('O1: nothing of the operators is for anybody else, and each route is refused', async () => {
    const other = await world.person()
    const document = await operator.api.call<{ paths: Record<string, Record<string, unknown>> }>('GET', '/openapi.json')
    const routes = Object.entries(document.paths).filter(([path]) => path.startsWith(`${admin}/`))
    expect(routes.length).toBeGreaterThan(8)
    for (const [path, methods] of routes) {
      if (path === `${admin}/claim`) continue
      const at = path.replace('{id}', operator.user).replace('{device}', operator.device)
      for (const method of Object.keys(methods)) {
        const body = method === 'get' ? undefined : { reason: 'because' }
        const answer = await other.api.request(method.toUpperCase(), at, body)
        expect(answer, `${method} ${path}`).toMatchObject({ status: 403, body: { code: 'forbidden' } })
      }
    }
    expect(await operator.api.request('GET', '/v1/me')).toMatchObject({ status: 200 })
  })

  it('O3: operators make others; the last one stays, and who is none any more may do nothing from then on', async () => {
    const other = await world.person()
    const at = `${admin}/users/${other.user}/operator`
    expect(await operator.api.request('DELETE', `${admin}/users/${operator.user}/operator`)).toMatchObject({
      status: 409,
    })
    expect(await operator.api.call('PUT', at, {})).toMatchObject({ operator: true })
    expect(await other.api.request('GET', `${admin}/overview`)).toMatchObject({ status: 200 })
    for (const [method, path] of [
      ['PUT', 'suspension'],
      ['POST', 'password'],
    ] as const)
      expect(await operator.api.request(method, `${admin}/users/${other.user}/${path}`, { reason: 'x' })).toMatchObject(
        { status: 409 },
      )
    expect(await operator.api.request('DELETE', `${admin}/users/${other.user}`)).toMatchObject({ status: 409 })
    await operator.api.call('DELETE', at)
    expect(await other.api.request('GET', `${admin}/overview`)).toMatchObject({ status: 403 })
  })
})

describe('users', () => {
  it('O4: who is suspended is logged out within a second on every node, and comes in no more until it is over', async () => {
    const victim = await world.person()
    const { client } = await victim.connect()
    const before = performance.now()
    const at = `${admin}/users/${victim.user}/suspension`
    expect(await operator.api.call('PUT', at, { reason: 'spam' })).toMatchObject({
      suspended: { reason: 'spam', by: operator.user, at: expect.any(Number) },
    })
    expect(await closedWith(client)).toBe(4101)
    expect(performance.now() - before).toBeLessThan(1000)
    for (const url of world.urls) {
      await expect
        .poll(async () => (await new RawApi(url, victim.token).request('GET', '/v1/me')).status, { timeout: 1000 })
        .toBe(401)
      const credentials = { username: victim.username, password: victim.password, device: { name: 'again' } }
      expect(await new RawApi(url).request('POST', '/v1/sessions', credentials)).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      })
      const wrong = { ...credentials, password: 'not the password' }
      expect(await new RawApi(url).request('POST', '/v1/sessions', wrong), 'nobody else is told').toMatchObject({
        status: 401,
      })
    }
    expect(await operator.api.request('PUT', at, { reason: ' ' })).toMatchObject({ status: 400 })
    await operator.api.call('DELETE', at)
    await logIn(world.url, victim)
    const deeds = (await audit()).slice(0, 2)
    expect(deeds).toMatchObject([
      { action: 'unsuspend', user: { id: victim.user, username: victim.username } },
      { action: 'suspend', reason: 'spam' },
    ])
  })

  it('O5: a new password is told once, opens, and the old one and all devices are worth nothing', async () => {
    const victim = await world.person()
    const { client } = await victim.connect()
    const { password } = await operator.api.call<{ password: string }>(
      'POST',
      `${admin}/users/${victim.user}/password`,
      {},
    )
    expect(password).toMatch(/^[\w-]{16}$/)
    expect(await closedWith(client)).toBe(4101)
    await logIn(world.url, { ...victim, password })
    const old = { username: victim.username, password: victim.password, device: { name: 'x' } }
    expect(await new RawApi(world.url).request('POST', '/v1/sessions', old)).toMatchObject({ status: 401 })
    expect(JSON.stringify(await audit())).not.toContain(password)
  })

  it('O6: shows where devices are connected, and logs out one or all', async () => {
    const victim = await world.person()
    const laptop = await victim.secondDevice()
    const { client } = await victim.connect()
    const at = `${admin}/users/${victim.user}/devices`
    const devices = async () => (await operator.api.call<{ items: AdminDevice[] }>('GET', at)).items
    const connected = (await devices()).filter(({ nodes }) => nodes.length > 0)
    expect(connected.map(({ id }) => id)).toEqual([victim.device])
    await operator.api.call('DELETE', `${at}/${laptop.device}`)
    expect((await devices()).map(({ id }) => id)).toEqual([victim.device])
    expect(await operator.api.request('DELETE', `${at}/${laptop.device}`)).toMatchObject({ status: 404 })
    await operator.api.call('DELETE', at)
    expect(await closedWith(client)).toBe(4101)
    expect(await devices()).toEqual([])
  })

  it('O7: deletes an account as its owner would', async () => {
    const victim = await world.person()
    const group = await victim.api.group('Left behind', [operator.user])
    await operator.api.call('DELETE', `${admin}/users/${victim.user}`)
    expect(await operator.api.request('GET', `${admin}/users/${victim.user}`)).toMatchObject({ status: 404 })
    const { items } = await operator.api.call<{ items: { user: string }[] }>(
      'GET',
      `/v1/conversations/${group.id}/members`,
    )
    expect(items.map(({ user }) => user)).toEqual([operator.user])
    expect((await audit())[0]).toMatchObject({ action: 'delete', user: { username: victim.username } })
  })

  it('finds users by the beginning of their name, page by page', async () => {
    await world.people(3)
    const seen: string[] = []
    let cursor = ''
    do {
      const page = await operator.api.call<AdminUserPage>('GET', `${admin}/users?limit=2${cursor}`)
      seen.push(...page.items.map(({ username }) => username))
      cursor = page.next === undefined ? '' : `&cursor=${page.next}`
    } while (cursor !== '')
    expect(seen).toEqual([...new Set(seen)].sort())
    expect(seen).toContain(operator.username)
    const found = await operator.api.call<AdminUserPage>('GET', `${admin}/users?query=%40${operator.username}`)
    expect(found.items).toMatchObject([{ id: operator.user, operator: true, createdAt: expect.any(Number) }])
    expect((await operator.api.call<AdminUserPage>('GET', `${admin}/users?query=%25`)).items).toEqual([])
  })
})

it('O9: the overview tells of every node, what is stored, and what goes on', async () => {
  const chat = await operator.api.group('Busy', [])
  const { client } = await operator.connect()
  const look = () => operator.api.call<Overview>('GET', `${admin}/overview`)
  const before = await look()
  for (let n = 0; n < 3; n++) await client.send(chat.id, `m${n}`, { text: 'hello' })
  const overview = await look()
  expect(overview.nodes).toHaveLength(world.nodes.length)
  expect(overview.nodes.filter(({ here }) => here)).toHaveLength(1)
  for (const node of overview.nodes) {
    expect(node).toMatchObject({ version: overview.version, draining: false, memory: expect.any(Number) })
  }
  expect(overview.traffic.messages - before.traffic.messages).toBe(3)
  expect(overview.traffic.perMinute).toBeGreaterThanOrEqual(3)
  expect(overview.traffic.sessions).toBeGreaterThanOrEqual(1)
  if (world.nodes.length > 1) return
  expect(overview.storage.database).toBeGreaterThan(10_000)
  expect(overview.storage.folder).toBeGreaterThanOrEqual(overview.storage.database!)
  expect(overview.storage.free).toBeGreaterThan(0)
})
