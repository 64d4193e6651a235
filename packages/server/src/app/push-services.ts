import type { UserId } from '@parley/protocol'
import type { DeviceRegistry } from '../accounts/device-registry.ts'
import type { Directory } from '../accounts/directory.ts'
import type { Hub } from '../delivery/hub.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Random } from '../lib/random.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import { SoleProgress } from '../messages/index-progress.ts'
import { Notifier } from '../notifications/notifier.ts'
import { Preview } from '../notifications/preview.ts'
import { newPushCounts, type PushCounts } from '../notifications/push-counts.ts'
import { PushFacts } from '../notifications/push-facts.ts'
import { PushGaps } from '../notifications/push-gaps.ts'
import { type Connected, PushNoter } from '../notifications/push-noter.ts'
import type { PushProvider } from '../notifications/push-provider.ts'
import type { PushQueue, PushQueueState } from '../notifications/push-queue.ts'
import type { RegistrationStore } from '../notifications/registration-store.ts'
import { Registrations } from '../notifications/registrations.ts'
import type { DeviceCursors } from '../sync/device-cursors.ts'
import type { Cluster } from './cluster.ts'
import type { ConversationPorts } from './conversation-services.ts'

/** Milliseconds in which a connected device acknowledges. What other nodes stored of it may be a second old. */
const grace = 3000
const graceOfSeveral = 4100

/** What notifications stand on. */
export interface PushPorts {
  registrations: RegistrationStore
  pushes: PushQueue
}

/** What notes who may have to be told. */
export interface PushNoting {
  registrations: Registrations
  noter: PushNoter
  counts: PushCounts
  state(now: number): Promise<PushQueueState>
  /** Called when something is due at once. */
  onDue(run: () => void): void
}

interface World {
  cluster: Cluster | undefined
  clock: Clock
  logger: Logger
}

export function createPushNoting(
  deps: World & {
    ports: PushPorts
    devices: DeviceRegistry
    directory: Directory
    hub: Hub
    /** Milliseconds for which registrations are kept at hand, where other nodes change them too. */
    time: number | undefined
  },
): PushNoting {
  const { ports, devices, directory, hub, cluster, time, clock, logger } = deps
  const { pushes: queue } = ports
  const registrations = new Registrations({ store: ports.registrations, queue, clock, time })
  registrations.onSet(({ user }) => directory.changed(user))
  devices.listen({
    revoked: ({ user, device }) => {
      if (registrations.none) return
      registrations
        .remove(user, device)
        .catch((error) => logger.warn({ error }, 'the registration of a device that was logged out stays for now'))
    },
  })
  const listeners: (() => void)[] = []
  const noter = new PushNoter({
    queue,
    registrations,
    connected: connectedIn(hub, cluster),
    clock,
    logger,
    grace: cluster ? graceOfSeveral : grace,
    noted: () => {
      for (const run of listeners) run()
    },
  })
  const state = (now: number): Promise<PushQueueState> =>
    registrations.none ? Promise.resolve({ due: 0, oldest: undefined }) : queue.state(now)
  return { registrations, noter, counts: newPushCounts(), state, onDue: (run) => listeners.push(run) }
}

/** What finds what was not noted, for every node that appends. */
export function createPushGaps(
  { registrations, noter }: PushNoting,
  deps: World & { ports: PushPorts & ConversationPorts; states: ConversationStates },
): PushGaps {
  const { ports, states, cluster, clock, logger } = deps
  const progress = cluster?.pushProgress ?? new SoleProgress()
  const leads = (): boolean => cluster?.leads('push') ?? true
  const { conversations: store, log, pushes: queue } = ports
  return new PushGaps({ store, log, states, queue, registrations, noter, progress, leads, clock, logger })
}

/** The part that decides and sends, for nodes that have the role. */
export function createNotifier(
  { registrations, counts, onDue }: PushNoting,
  deps: {
    ports: PushPorts & ConversationPorts
    states: ConversationStates
    cursors: DeviceCursors
    directory: Directory
    providers: readonly PushProvider[]
    clock: Clock
    random: Random
    logger: Logger
    passing: (point: string) => void
  },
): Notifier {
  const { ports, states, cursors, directory, providers, clock, random, logger, passing } = deps
  const { conversations: store, log, pushes: queue } = ports
  const facts = new PushFacts({ store, states, directory, cursors, queue: ports.queue })
  const preview = new Preview({ log, states, directory })
  const given = { queue, registrations, facts, preview, providers, clock, random, logger, counts, passing }
  const notifier = new Notifier(given)
  onDue(() => notifier.poke())
  return notifier
}

/** Sessions of this node are known by device; of others it is known that the user has some. */
function connectedIn(hub: Hub, cluster: Cluster | undefined): Connected {
  return async (users: readonly UserId[]) => {
    const elsewhere = cluster ? await cluster.elsewhereOf(users) : new Set<UserId>()
    return new Map(
      users.map((user) => [
        user,
        elsewhere.has(user) ? ('elsewhere' as const) : new Set(hub.of(user).map(({ device }) => device)),
      ]),
    )
  }
}
