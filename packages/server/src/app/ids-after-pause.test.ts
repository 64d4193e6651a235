import { expect, it } from 'vitest'
import { password, phone } from '../accounts/service.contract.ts'
import { openMemoryNode } from './memory-node.contract.ts'

it('a process that stood still for long registers users and makes groups at once: it waits for ids, and refuses nobody', async () => {
  const { clock, accounts, routes, dispatcher } = await openMemoryNode()
  const register = (username: string) => accounts.register({ username, password, device: phone })
  clock.jump(60_000)
  const { token } = await register('alice')
  clock.jump(60_000)
  const route = routes.find((one) => one.method === 'POST' && one.path === '/v1/conversations')
  if (!route) throw new Error('no such route')
  const { signal } = new AbortController()
  const raw = { params: {}, query: {}, body: { title: 'ours', members: [] }, address: '192.0.2.1', signal }
  expect((await dispatcher.dispatch(route, { ...raw, authorization: `Bearer ${token}` })).status).toBe(201)
})
