import type { AddressInfo } from 'node:net'
import type { Server as TlsServer } from 'node:tls'
import { type ErrorCode, limits } from '@parley/protocol'
import type { FastifyInstance } from 'fastify'
import type { AccountService } from '../accounts/account-service.ts'
import { Argon2Hasher } from '../accounts/passwords.ts'
import { vapidKeysOf } from '../adapters/webpush/vapid-keys.ts'
import { linkPath } from '../adapters/websocket/link-transport.ts'
import { mountMediaStreams } from '../gateway/http/media-streams.ts'
import { createHttpServer } from '../gateway/http/server.ts'
import { TurnWriter } from '../gateway/turn-writer.ts'
import { WebSocketDoor } from '../gateway/web-socket.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { countRefusal } from '../lib/counts.ts'
import { type Random, systemRandom } from '../lib/random.ts'
import { StatementCounts } from '../lib/statement-counts.ts'
import type { ClusterOptions } from './cluster.ts'
import { crashPoints } from './crash-points.ts'
import { createDoor } from './door.ts'
import { describeStorage } from './engines.ts'
import { Janitor } from './janitor.ts'
import { createLogger } from './logging.ts'
import { tiersOf } from './media-tiers.ts'
import { createMoving } from './moving/moving.ts'
import { mountOperations } from './operations.ts'
import type { Settings } from './options.ts'
import { type ClusterPorts, openPlatform, type Platform } from './platform.ts'
import { openProviders } from './push-config.ts'
import { hasRole, roleNames } from './roles.ts'
import { createServices, type Services } from './services.ts'
import { readTls, watchTls } from './tls.ts'
import { Withdrawal } from './withdrawal.ts'

/** A node that runs. */
export interface RunningNode {
  /** e.g. `http://127.0.0.1:8080`. */
  url: string
  port: number
  /** Where it keeps what it is told, in a few words: a folder, or the engines of its cluster. */
  storage: string
  accounts: AccountService
  /** What makes its bearer the first operator, once; undefined when there is one. Not to be kept. */
  offerOperator(): Promise<string | undefined>
  /** Says `bye`, ends sessions, writes what is gathered, closes the stores. */
  close(): Promise<void>
}

export interface NodeWorld {
  clock?: Clock
  random?: Random
  crashAt?: Record<string, number>
  onBroken?: (reason: string) => void
  /** True while the web app is built: until then a page says so. */
  webBuilding?: () => boolean
  /** Opens what the node stands on; for tests that mix adapters. */
  open?: typeof openPlatform
}

/** Milliseconds over which clients of a stopping node come back, where there is no other. */
const drainSpread = 2000
/** Milliseconds for which users are kept at hand where other nodes change them too. */
const usersKeptFor = 5000
/** Milliseconds that closing handshakes may take. */
const drainTime = 2000

function endAtOnce(reason: string): void {
  process.stderr.write(`Parley stops: whether the last write reached the disk is not known (${reason}).\n`)
  process.kill(process.pid, 'SIGKILL')
}

/** Starts in order: stores, services, HTTP. @throws when the folder is in use, the port is taken, a file is unreadable */
export async function runNode(settings: Settings, world: NodeWorld = {}): Promise<RunningNode> {
  const {
    clock = systemClock,
    random = systemRandom,
    crashAt = {},
    onBroken = endAtOnce,
    open = openPlatform,
    webBuilding = () => false,
  } = world
  const logger = createLogger(settings.logLevel)
  const statements = new StatementCounts()
  const platform = await open(settings, { clock, random, logger, statements, crashAt, onBroken })
  let node: { server: FastifyInstance; services: Services } | undefined
  try {
    let url = ''
    const services = createServices({
      ports: platform.ports,
      clock,
      random,
      logger,
      hasher: new Argon2Hasher(random),
      ticketKey: platform.secrets.ticketKey,
      epoch: platform.secrets.epoch,
      heartbeat: settings.heartbeat * 1000,
      publicUrl: () => settings.publicUrl ?? url,
      storage: platform.storage,
      mediaUrl: settings.publicUrl,
      mediaTiers: tiersOf(settings),
      limits: { ...limits, media: settings.mediaMaxBytes, mediaQuota: settings.mediaQuota },
      ...(platform.cluster ? { usersKeptFor, cluster: clusterOptions(platform.cluster, settings, () => url) } : {}),
    })
    await services.ids.keepAhead()
    await services.pushing.registrations.start()
    if (platform.cluster) await services.watch.start()
    const moving = await createMoving(platform, services, { clock, random, logger })
    const trouble = (): string | undefined => moving.trouble() ?? platform.trouble()
    const tlsFiles = settings.tlsCert && settings.tlsKey ? { cert: settings.tlsCert, key: settings.tlsKey } : undefined
    const refused = (code: ErrorCode): void => countRefusal(services.counts, code)
    const { door, clientAddress } = createDoor(settings, services.gateway, platform.ports.limiter, refused)
    const sockets = new WebSocketDoor(door, new TurnWriter(clock, crashPoints(crashAt), platform.rest))
    const server = createHttpServer({
      routes: [
        ...(hasRole(settings, 'api') ? services.routes : []),
        ...(hasRole(settings, 'media') ? services.mediaRoutes : []),
      ],
      clock,
      dispatcher: services.dispatcher,
      logger,
      clientAddress,
      origins: settings.origins,
      tls: tlsFiles && readTls(tlsFiles),
      refused,
      ahead: moving.ahead,
      first: services.media && ((request, response) => services.media?.cache.serve(request, response) ?? false),
      upgrade: (request, socket, head) => {
        if (platform.cluster && request.url === linkPath) platform.cluster.transport.upgrade(request, socket, head)
        else if (moving.aheadOfSocket(request, socket, head)) return
        else if (hasRole(settings, 'chat')) sockets.upgrade(request, socket, head)
        else socket.destroy()
      },
    })
    const { media } = services
    if (media && hasRole(settings, 'media')) mountMediaStreams(server, { ...media, uploads: media.endpoint, clock })
    mountOperations(server, {
      services,
      platform: { ...platform, trouble },
      statements,
      rateLimited: settings.rateLimits === 'on',
      web: {
        settings,
        nodes: () => services.cluster?.members.others.map(({ url }) => url) ?? [],
        media: () => [],
        building: webBuilding,
      },
    })
    node = { server, services }
    await server.listen({ port: settings.port, host: settings.host, backlog: 4096 })
    const { port } = server.server.address() as AddressInfo
    url = `${tlsFiles ? 'https' : 'http'}://${urlHost(settings.host)}:${port}`
    platform.announce(url)
    const reloading = tlsFiles && watchTls(server.server as unknown as TlsServer, tlsFiles, clock, logger)
    const notifier =
      hasRole(settings, 'notifier') &&
      services.notifier(
        openProviders(settings.push, {
          vapid: vapidKeysOf(platform.secrets.vapidKey),
          subject: settings.publicUrl?.startsWith('https:') ? settings.publicUrl : 'mailto:operator@localhost',
          now: () => clock.now(),
        }),
        crashPoints(crashAt),
      )
    const janitor = new Janitor({
      ...platform.ports,
      mediaSweep: services.media?.sweep,
      clock,
      logger,
      cluster: services.cluster,
    })
    services.gateway.start()
    services.traffic.start()
    await services.cluster?.start()
    const withdrawal =
      services.cluster &&
      new Withdrawal({
        trouble,
        cluster: services.cluster,
        gateway: services.gateway,
        clock,
        logger,
      })
    withdrawal?.start()
    await moving.start(() => {
      // Of several nodes each feeds the search with what it appended.
      if (services.cluster || hasRole(settings, 'janitor')) services.indexer.start()
      if (hasRole(settings, 'janitor')) janitor.start()
      services.gaps.start()
      if (notifier) notifier.start()
    })
    return {
      url,
      port,
      storage: describeStorage(settings),
      accounts: services.accounts,
      offerOperator: () => services.operators.offer(),
      close: async () => {
        reloading?.cancel()
        services.traffic.stop()
        await moving.stop()
        withdrawal?.stop()
        await services.cluster?.drain()
        await services.gateway.drain(drainSpread, ({ user }) => services.cluster?.elsewhere(user))
        await sockets.close(clock, drainTime)
        await janitor.stop()
        await services.gaps.stop()
        if (notifier) await notifier.stop()
        await stop(platform, { server, services })
      },
    }
  } catch (error) {
    if (node) await stop(platform, node)
    else await platform.close()
    throw error
  }
}

async function stop(
  platform: Platform,
  { server, services }: { server: FastifyInstance; services: Services },
): Promise<void> {
  // Links of others would keep the server open; nobody is here any more for what they say.
  platform.cluster?.transport.close()
  await server.close()
  await services.watch.stop()
  await services.indexer.stop()
  await services.flush()
  await services.cluster?.stop()
  services.ids.close()
  await platform.close()
}

/** This process as one node of several; others reach it where it listens unless it is said otherwise. */
const clusterOptions = (ports: ClusterPorts, settings: Settings, url: () => string): ClusterOptions => ({
  ...ports,
  roles: settings.roles.includes('all') ? roleNames : settings.roles,
  link: () => settings.nodeUrl ?? url(),
})

const urlHost = (host: string): string => (host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host)
