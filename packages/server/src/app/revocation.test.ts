import { closeCode, type DownFrame, jsonCodec, type SyncAnswer } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { identityOf, password, phone } from '../accounts/service.contract.ts'
import type { Reply } from '../gateway/http/route.ts'
import type { AppError } from '../lib/errors.ts'
import { openMemoryNode } from './memory-node.contract.ts'
import type { Ports } from './services.ts'

/** A node whose queue answers when `release` is called, once `hold` was. */
async function openNode(stores?: Ports) {
  const node = await openMemoryNode(stores ? { ports: () => stores } : {})
  let held: Promise<void> | undefined
  let release = (): void => {}
  const { queue } = node.ports
  const head = queue.head.bind(queue)
  queue.head = async (user) => {
    await held
    return head(user)
  }
  const hold = (): void => {
    held = new Promise((resolve) => {
      release = resolve
    })
  }
  const connect = (hello: { token?: string; ticket?: string }) => {
    const frames: DownFrame[] = []
    const codes: number[] = []
    const session = node.gateway.accept(
      {
        send: (data) => frames.push(JSON.parse(String(data)) as DownFrame),
        sendInParts: (start, end) => frames.push(JSON.parse(start + Buffer.from(end).toString()) as DownFrame),
        close: (code) => codes.push(code),
        terminate: () => {},
        full: false,
        pause: () => {},
        resume: () => {},
      },
      jsonCodec,
      '127.0.0.1',
    )
    session.message(JSON.stringify({ t: 'hello', window: 16, ...hello }))
    return { frames, codes, session }
  }
  const call = (method: string, path: string, token: string, more: { query?: object; body?: object } = {}) => {
    const route = node.routes.find((one) => one.method === method && one.path === path)
    if (!route) throw new Error(`no route ${method} ${path}`)
    const { signal } = new AbortController()
    const raw = { params: {}, query: {}, body: undefined, address: '127.0.0.1', signal, ...more }
    return node.dispatcher.dispatch(route, { ...raw, authorization: `Bearer ${token}` })
  }
  const register = () => node.accounts.register({ username: 'alice', password, device: phone })
  const settle = () => node.clock.advance(0)
  return { ...node, hold, release: () => release(), connect, call, register, settle }
}

describe('a device that is logged out', () => {
  it('K2: its socket is closed at once, whoever logs it out', async () => {
    for (const [code, end] of [
      [closeCode.loggedOut, 'DELETE /v1/sessions/current'],
      [closeCode.accountDeleted, 'DELETE /v1/me'],
    ] as const) {
      const node = await openNode()
      const alice = await node.register()
      const laptop = node.connect({ token: alice.token })
      await node.settle()
      expect(laptop.frames.map((frame) => frame.t)).toEqual(['welcome', 'live'])
      const [method, path] = end.split(' ') as [string, string]
      await node.call(method, path, alice.token, { body: { password } })
      expect(laptop.codes).toEqual([code])
      await expect(node.call('GET', '/v1/me', alice.token)).rejects.toMatchObject({ code: 'unauthenticated' })
      expect(node.gateway.connections).toBe(0)
    }
  })

  it('while its hello was looked at, it does not come in', async () => {
    const node = await openNode()
    const alice = await node.register()
    const { ticket } = (await node.call('POST', '/v1/connect', alice.token)).body as { ticket: string }
    node.hold()
    const sockets = [node.connect({ token: alice.token }), node.connect({ ticket })]
    await node.settle()
    await node.devices.remove(alice.user.id, alice.device.id)
    node.release()
    await node.settle()
    for (const { codes, session } of sockets) {
      expect(codes).toEqual([closeCode.loggedOut])
      expect(session.isClosed).toBe(true)
    }
    expect(node.gateway.connections).toBe(0)
    // Nobody thinks that it is there.
    const seen = (await node.call('GET', '/v1/presence', (await again(node)).token, {
      query: { users: alice.user.id },
    })) as Reply<{ items: { status: string }[] }>
    expect(seen.body?.items[0]?.status).not.toBe('online')
  })

  it('L1: its long poll ends, and gives nothing away', async () => {
    const node = await openNode()
    const alice = await node.register()
    const laptop = await again(node)
    const { cursor } = (await node.call('GET', '/v1/sync', alice.token)).body as SyncAnswer
    let ended: AppError | Reply<unknown> | undefined
    const poll = node.call('GET', '/v1/sync', alice.token, { query: { cursor, wait: '50' } })
    void poll.then(
      (answer) => (ended = answer),
      (error: AppError) => (ended = error),
    )
    await node.settle()
    expect(ended).toBeUndefined()
    await node.devices.remove(alice.user.id, alice.device.id)
    await node.settle()
    expect(ended).toMatchObject({ code: 'unauthenticated' })
    // The other device goes on.
    expect((await node.call('GET', '/v1/sync', laptop.token)).status).toBe(200)
  })

  it('while its long poll began, it gets nothing either', async () => {
    const node = await openNode()
    const alice = await node.register()
    node.hold()
    const poll = node.call('GET', '/v1/sync', alice.token)
    const refused = expect(poll).rejects.toMatchObject({ code: 'unauthenticated' })
    await node.settle()
    await node.devices.remove(alice.user.id, alice.device.id)
    node.release()
    await refused
  })

  it('a ticket of it is worth nothing any more', async () => {
    const node = await openNode()
    const alice = await node.register()
    const { ticket } = (await node.call('POST', '/v1/connect', alice.token)).body as { ticket: string }
    await node.accounts.logOut(identityOf(alice))
    const { codes } = node.connect({ ticket })
    await node.settle()
    expect(codes).toEqual([closeCode.unauthenticated])
  })
})

describe('a device that another node logs out', () => {
  async function openTwo() {
    const here = await openNode()
    const elsewhere = await openNode(here.ports)
    await here.watch.start()
    const alice = await here.register()
    const laptop = await again(here)
    const sockets = [here.connect(alice), here.connect(laptop)] as const
    await here.settle()
    return { here, elsewhere, alice, laptop, sockets }
  }

  it('is out within a second, and its token is worth nothing', async () => {
    const { here, elsewhere, alice, laptop, sockets } = await openTwo()
    await elsewhere.devices.remove(alice.user.id, laptop.device.id)
    await here.clock.advance(1000)
    expect(sockets.map(({ codes }) => codes)).toEqual([[], [closeCode.loggedOut]])
    await expect(here.call('GET', '/v1/me', laptop.token)).rejects.toMatchObject({ code: 'unauthenticated' })
    expect((await here.call('GET', '/v1/me', alice.token)).status).toBe(200)
    await elsewhere.accounts.erase(identityOf(alice), password)
    await here.clock.advance(1000)
    expect(sockets[0].codes).toEqual([closeCode.accountDeleted])
    await here.watch.stop()
  })

  it('is out as well when it is not known any more which it was: all show their tokens again', async () => {
    const { here, elsewhere, alice, laptop, sockets } = await openTwo()
    await elsewhere.devices.remove(alice.user.id, laptop.device.id)
    here.clock.jump(2 * 86_400_000)
    await here.clock.advance(1000)
    expect(sockets.map(({ codes }) => codes)).toEqual([[closeCode.restart], [closeCode.restart]])
    expect(sockets[0].frames.at(-1)).toMatchObject({ t: 'bye', reconnect: true })
    const back = [here.connect(alice), here.connect(laptop)]
    await here.settle()
    expect(back.map(({ codes }) => codes)).toEqual([[], [closeCode.unauthenticated]])
    await here.watch.stop()
  })
})

it('C5: a device that was connected until now is not the one unseen longest', async () => {
  const node = await openNode()
  const alice = await node.register()
  const others = []
  for (let i = 0; i < 9; i++) others.push(await again(node))
  const { session } = node.connect({ token: alice.token })
  await node.settle()
  await node.clock.advance(40_000)
  await node.clock.advance(86_400_000)
  session.closed()
  await again(node)
  const { items } = (await node.call('GET', '/v1/me/devices', alice.token)).body as { items: { id: string }[] }
  expect(items.map(({ id }) => id)).toContain(alice.device.id)
  expect(items.map(({ id }) => id)).not.toContain(others[0]?.device.id)
})

const again = (node: { accounts: Awaited<ReturnType<typeof openNode>>['accounts'] }) =>
  node.accounts.logIn({ username: 'alice', password, device: { name: 'laptop' } })
