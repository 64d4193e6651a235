import type { Conversation, Membership } from '@parley/protocol'
import { expect, it } from 'vitest'
import { identityOf, password, phone } from '../accounts/service.contract.ts'
import { openMemoryNode } from './memory-node.contract.ts'

it('whoever adds a user to a group while the account is deleted is left with no nameless member', async () => {
  const node = await openMemoryNode()
  const [alice, bob] = [await register('alice'), await register('bob')]
  const group = (await call('POST', '/v1/conversations', { body: { title: 'ours', members: [alice.user.id] } }))
    .body as Conversation
  const members = async () =>
    (
      (await call('GET', '/v1/conversations/:conversation/members', { params: { conversation: group.id } })).body as {
        items: Membership[]
      }
    ).items
  let added = false
  // Behind the one that leaves all groups.
  node.accounts.beforeErasure(async (userId) => {
    if (added) return
    added = true
    await call('PUT', '/v1/conversations/:conversation/members/:userId', {
      params: { conversation: group.id, userId },
      body: {},
    })
    expect(await members()).toHaveLength(2)
  })
  await node.accounts.erase(identityOf(alice), password)
  expect(added).toBe(true)
  expect((await members()).map(({ user }) => user)).toEqual([bob.user.id])

  function register(username: string) {
    return node.accounts.register({ username, password, device: phone })
  }

  function call(method: string, path: string, more: { params?: object; body?: object }) {
    const route = node.routes.find((one) => one.method === method && one.path === path)
    if (!route) throw new Error(`no route ${method} ${path}`)
    const { signal } = new AbortController()
    const raw = { params: {}, query: {}, body: undefined, address: '192.0.2.1', signal, ...more }
    return node.dispatcher.dispatch(route, { ...raw, authorization: `Bearer ${bob.token}` })
  }
})
