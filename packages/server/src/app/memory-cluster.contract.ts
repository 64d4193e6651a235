import { type DownFrame, jsonCodec } from '@parley/protocol'
import { password, phone, plainHasher } from '../accounts/service.contract.ts'
import { MemoryAccountStore } from '../adapters/memory/account-store.ts'
import { MemoryBlockStore } from '../adapters/memory/block-store.ts'
import { MemoryConversationLog } from '../adapters/memory/conversation-log.ts'
import { MemoryConversationStore } from '../adapters/memory/conversation-store.ts'
import { MemoryCluster, MemoryCoordinator } from '../adapters/memory/coordinator.ts'
import { MemoryDeviceStore } from '../adapters/memory/device-store.ts'
import { MemoryLinkNetwork, MemoryLinkTransport } from '../adapters/memory/link-transport.ts'
import { MemoryMessageSearch } from '../adapters/memory/message-search.ts'
import { MemoryOperatorRecords } from '../adapters/memory/operator-records.ts'
import { MemoryPresenceStore } from '../adapters/memory/presence-store.ts'
import { MemoryPushQueue } from '../adapters/memory/push-queue.ts'
import { MemoryReceiptStore } from '../adapters/memory/receipt-store.ts'
import { MemoryRegistrationStore } from '../adapters/memory/registration-store.ts'
import { MemoryRevocationLog } from '../adapters/memory/revocation-log.ts'
import { MemorySessionRegistry } from '../adapters/memory/session-registry.ts'
import { MemoryStores } from '../adapters/memory/stores.ts'
import { MemorySyncQueue } from '../adapters/memory/sync-queue.ts'
import { MemoryUsers } from '../adapters/memory/users.ts'
import { LateRows } from '../adapters/unsteady/late-rows.ts'
import { LateSyncQueue } from '../adapters/unsteady/late-sync-queue.ts'
import { messagesOf } from '../delivery/link-frame.ts'
import { unlimited } from '../gateway/rate-limiter.ts'
import { toAppError } from '../lib/errors.ts'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import { createServices, type Ports } from './services.ts'

export interface TestAccount {
  user: string
  device: string
  token: string
  username: string
}

/** A device's socket on one node, as text says it. */
export interface TestSocket {
  frames: DownFrame[]
  codes: number[]
  write(frame: object): void
  /** Kinds and seqs of the events that came, e.g. `message 3`. */
  events(): string[]
  /** The connection is gone without a word. */
  drop(): void
}

const urlOf = (id: string): string => `http://${id}.test`

/** Nodes over shared stores in memory, linked with each other, in time that stands still; nothing listens. */
export async function openMemoryCluster(
  names: readonly string[] = ['a', 'b', 'c'],
  roles: Record<string, string[]> = {},
  /** `late`: rows appear among others, at most 10 s late, as on an engine without a common clock. */
  queues: 'exact' | 'late' = 'exact',
) {
  const clock = new ManualClock()
  const stores = new MemoryStores()
  const lateRows = new LateRows()
  const users = new MemoryUsers(clock)
  const cluster = new MemoryCluster()
  const network = new MemoryLinkNetwork(clock)
  const sessions = new MemorySessionRegistry(clock)
  const presence = new MemoryPresenceStore(clock)
  /** What the links carried, e.g. `a→b deliver deliver`. */
  const carried: string[] = []
  /** Topics whose messages get lost without anybody noticing. */
  const losing = new Set<string>()
  network.carries = (from, to, bytes) => {
    const topics = [...messagesOf(bytes)].map(([topic]) => topic).filter((topic) => !topic.startsWith('~'))
    if (topics.some((topic) => losing.has(topic))) return false
    if (topics.length > 0) carried.push(`${from}→${to} ${topics.join(' ')}`)
    return true
  }
  const moved = { count: 0 }

  const openLateQueue = (id: string): LateSyncQueue => {
    const random = seededRandom(id.charCodeAt(0))
    const queue = new LateSyncQueue(lateRows, { clock, random, within: 10_000 })
    stores.place = (user, { pointer }) => queue.placeNow(user, pointer)
    return queue
  }

  const [registrations, pushes] = [new MemoryRegistrationStore(users), new MemoryPushQueue()]
  const operators = new MemoryOperatorRecords()
  const open = async (id: string) => {
    const coordinator = new MemoryCoordinator(cluster)
    const log = new MemoryConversationLog(stores, clock)
    const { append } = log
    log.append = async (batch) => {
      const outcome = await append.call(log, batch)
      if (outcome.status === 'moved') moved.count++
      return outcome
    }
    const ports: Ports = {
      accounts: new MemoryAccountStore(users),
      devices: new MemoryDeviceStore(users),
      blocks: new MemoryBlockStore(users),
      revocations: new MemoryRevocationLog(users),
      registrations,
      pushes,
      operators,
      log,
      queue: queues === 'late' ? openLateQueue(id) : new MemorySyncQueue(stores, clock),
      conversations: new MemoryConversationStore(stores, clock),
      receipts: new MemoryReceiptStore(stores, clock),
      presence,
      search: new MemoryMessageSearch(stores),
      limiter: unlimited,
      lease: await coordinator.lease(),
    }
    const services = createServices({
      ports,
      clock,
      random: seededRandom(id.charCodeAt(0)),
      logger: silentLogger,
      hasher: plainHasher(),
      ticketKey: new Uint8Array(32),
      epoch: 'e',
      heartbeat: 30_000,
      publicUrl: () => urlOf(id),
      usersKeptFor: 30_000,
      cluster: {
        id,
        roles: roles[id] ?? ['chat', 'api', 'janitor'],
        link: () => urlOf(id),
        coordinator,
        sessions,
        transport: new MemoryLinkTransport(network, id),
      },
    })
    await services.ids.keepAhead()
    await services.watch.start()
    services.gateway.start()
    await services.cluster?.start()
    const sockets: TestSocket[] = []

    const connect = (hello: { token?: string; ticket?: string; cursor?: string }): TestSocket => {
      const frames: DownFrame[] = []
      const codes: number[] = []
      const connection = {
        send: (data: string | Uint8Array) => frames.push(JSON.parse(String(data)) as DownFrame),
        sendInParts: (start: string, end: Uint8Array) =>
          frames.push(JSON.parse(start + Buffer.from(end).toString()) as DownFrame),
        close: (code: number) => codes.push(code),
        terminate: () => {},
        full: false,
        pause: () => {},
        resume: () => {},
      }
      const session = services.gateway.accept(connection, jsonCodec, '127.0.0.1')
      const socket: TestSocket = {
        frames,
        codes,
        write: (frame) => session.message(JSON.stringify(frame)),
        events: () =>
          frames.flatMap((frame) => {
            if (frame.t !== 'event') return []
            return [`${frame.update.kind} ${'seq' in frame.update ? frame.update.seq : ''}`.trim()]
          }),
        drop: () => session.closed(),
      }
      socket.write({ t: 'hello', window: 512, ...hello })
      sockets.push(socket)
      return socket
    }

    /** The answer to a request; of a refusal its code. */
    const call = async <Body = Record<string, unknown>>(
      who: { token: string },
      method: string,
      path: string,
      more: { query?: object; body?: object; signal?: AbortSignal } = {},
    ): Promise<Body> => {
      const [route, params] = match(services.routes, method, path)
      const raw = { params, query: {}, body: undefined, address: '127.0.0.1', signal: new AbortController().signal }
      try {
        const answer = await services.dispatcher.dispatch(route, {
          ...raw,
          ...more,
          authorization: `Bearer ${who.token}`,
        })
        return answer.body as Body
      } catch (error) {
        return { code: toAppError(error).code } as Body
      }
    }

    /** kill -9: nothing is said any more; the system closes its connections. */
    const kill = (): void => {
      network.kill(id)
      coordinator.expire()
      for (const socket of sockets) socket.codes.push(1006)
    }
    return { id, ...services, ports, coordinator, connect, call, kill, url: urlOf(id) }
  }

  const nodes: Awaited<ReturnType<typeof open>>[] = []
  for (const name of names) nodes.push(await open(name))
  await clock.advance(200)
  const node = (index: number) => nodes[index] as (typeof nodes)[number]
  let people = 0
  const person = async (at = node(0)): Promise<TestAccount> => {
    const username = `user_${people++}`
    const { user, device, token } = await at.accounts.register({ username, password, device: phone })
    return { user: user.id, device: device.id, token, username }
  }
  const group = async (members: readonly TestAccount[], at = node(0)): Promise<string> => {
    const [owner, ...others] = members as [TestAccount, ...TestAccount[]]
    const body = { title: 'Group', members: others.map(({ user }) => user) }
    return (await at.call<{ id: string }>(owner, 'POST', '/v1/conversations', { body })).id
  }
  const direct = async (one: TestAccount, other: TestAccount, at = node(0)): Promise<string> =>
    (await at.call<{ id: string }>(one, 'PUT', `/v1/direct/${other.user}`)).id
  /** Time in which everything is registered and routes are told. */
  const settle = (ms = 100) => clock.advance(ms)
  return { clock, network, sessions, cluster, carried, losing, moved, nodes, node, open, person, group, direct, settle }
}

export type MemoryClusterNode = Awaited<ReturnType<typeof openMemoryCluster>>['nodes'][number]

function match(routes: MemoryRoutes, method: string, path: string): [MemoryRoutes[number], Record<string, string>] {
  for (const route of routes) {
    const parts = route.path.split('/')
    const given = path.split('/')
    if (route.method !== method || parts.length !== given.length) continue
    if (!parts.every((part, index) => part.startsWith(':') || part === given[index])) continue
    const named = parts.flatMap((part, index) => (part.startsWith(':') ? [[part.slice(1), given[index]]] : []))
    return [route, Object.fromEntries(named) as Record<string, string>]
  }
  throw new Error(`no route ${method} ${path}`)
}

type MemoryRoutes = ReturnType<typeof createServices>['routes']

/** A `send` frame. */
export const send = (conversation: string, id: string, ref = 1) => ({
  t: 'send',
  ref,
  conversation,
  clientMessageId: id,
  content: { text: id },
})
