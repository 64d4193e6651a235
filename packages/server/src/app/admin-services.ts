import type { StorageUsed } from '@parley/protocol'
import type { AccountStore } from '../accounts/account-store.ts'
import type { Hub } from '../delivery/hub.ts'
import { lost } from '../delivery/node-calls.ts'
import { adminRoutes } from '../gateway/http/admin.ts'
import type { AnyRoute } from '../gateway/http/route.ts'
import type { Clock } from '../lib/clock.ts'
import type { NodeCounts } from '../lib/counts.ts'
import type { Random } from '../lib/random.ts'
import type { OperatorRecords } from '../operators/operator-records.ts'
import { Operators } from '../operators/operators.ts'
import { type NodeReport, type NodesInSight, ServiceOverview } from '../operators/overview.ts'
import { StorageWatch } from '../operators/storage-watch.ts'
import { Traffic } from '../operators/traffic.ts'
import { UserAdministration, type Whereabouts } from '../operators/user-administration.ts'
import type { AccountServices } from './account-services.ts'
import type { Cluster } from './cluster.ts'
import type { MediaPorts } from './media-services.ts'
import { version } from './version.ts'

export interface AdminPorts {
  accounts: AccountStore
  operators: OperatorRecords
  media?: MediaPorts | undefined
}

/** What operators have: the service as this node and the others tell it, and its users. */
export function createAdminServices(deps: {
  ports: AdminPorts
  users: AccountServices
  hub: Hub
  cluster: Cluster | undefined
  counts: NodeCounts
  publicUrl: () => string
  storage: () => Promise<StorageUsed>
  lastSeenMessageIds: (user: string) => Promise<ReadonlyMap<string, string>>
  nextId: () => Promise<string>
  clock: Clock
  random: Random
}): { operators: Operators; traffic: Traffic; routes: AnyRoute[] } {
  const { ports, users, hub, cluster, counts, clock, random } = deps
  const { accounts, devices } = users
  const traffic = new Traffic(() => counts.messages, clock)
  const startedAt = clock.now()
  const report = (): NodeReport => ({
    version,
    startedAt,
    memory: process.memoryUsage.rss(),
    sessions: hub.size,
    traffic: traffic.now(),
  })
  const devicesHere = (user: string): string[] => hub.of(user).map(({ device }) => device)
  cluster?.calls.answer('report', (_args, _from, reply) => reply(report()))
  cluster?.calls.answer<string>('devices-of', (user, _from, reply) => reply(devicesHere(user)))
  const ask = <Answer>(node: string, method: string, args: unknown): Promise<Answer | undefined> =>
    new Promise((resolve) => {
      const settle = (answer: unknown): void => resolve(answer === lost ? undefined : (answer as Answer))
      if (!cluster?.calls.ask(node, method, args, settle)) resolve(undefined)
    })

  const alone = { id: 'here', link: '', roles: ['all'], sessions: 0, draining: false }
  const nodes: NodesInSight = {
    here: () => cluster?.info() ?? { ...alone, url: deps.publicUrl() },
    others: () => cluster?.members.others ?? [],
    ask: (node) => ask<NodeReport>(node, 'report', []),
  }
  const whereabouts: Whereabouts = async (user) => {
    const where = new Map<string, string[]>()
    const note = (node: string, found: readonly string[] = []): void => {
      for (const device of found) where.set(device, [...(where.get(device) ?? []), node])
    }
    note(nodes.here().id, devicesHere(user))
    const asked = nodes.others().map(async ({ id }) => note(id, await ask<string[]>(id, 'devices-of', user)))
    await Promise.all(asked)
    return where
  }

  const { accounts: store, operators: records } = ports
  const operators = new Operators({ store, accounts, records, clock, random, nextId: deps.nextId })
  const { lastSeenMessageIds } = deps
  const { media } = ports
  const stored = new StorageWatch(deps.storage, media && (() => media.objects.totals()), clock)
  const storage = () => stored.used()
  const overview = new ServiceOverview({ operators, nodes, report, storage, clock })
  const administration = new UserAdministration({
    operators,
    store,
    accounts,
    devices,
    whereabouts,
    lastSeenMessageIds,
    clock,
    random,
  })
  return { operators, traffic, routes: adminRoutes({ operators, overview, users: administration }) }
}
