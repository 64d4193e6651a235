import { closeCode, type Device } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryCoordinator } from '../../../server/src/adapters/memory/coordinator.ts'
import { MemorySessionRegistry } from '../../../server/src/adapters/memory/session-registry.ts'
import { openPostgres, type PostgresStores } from '../../../server/src/adapters/postgres/open.ts'
import { missing, server, TestDatabases } from '../../../server/src/adapters/postgres/test-databases.contract.ts'
import { LinkProof } from '../../../server/src/adapters/websocket/link-proof.ts'
import { WebSocketLinkTransport } from '../../../server/src/adapters/websocket/link-transport.ts'
import type { World as NodeParts, Platform } from '../../../server/src/app/platform.ts'
import { openMemory } from '../../../server/src/app/platforms/memory.ts'
import { sharedSecrets } from '../../../server/src/app/secrets.ts'
import { SealedSecrets } from '../../../server/src/cluster/sealed-secrets.ts'
import { unlimited } from '../../../server/src/gateway/rate-limiter.ts'
import { systemClock } from '../../../server/src/lib/clock.ts'
import { silentLogger } from '../../../server/src/lib/logger.ts'
import { accountConformance } from './accounts.contract.ts'
import { type Person, World } from './world.ts'

const secret = 'a secret of the service, long enough'

/** A node that keeps its users, secrets and search in PostgreSQL, and all else in memory. */
function openOver(urls: string) {
  return async (_: unknown, parts: NodeParts): Promise<Platform> => {
    const [memory, stores] = [await openMemory(unlimited, parts), await openPostgres([urls], parts)]
    const { accounts, devices, blocks, revocations, search } = stores
    const secrets = await sharedSecrets(new SealedSecrets(stores.secrets, secret, parts.random), parts.random)
    return {
      ...memory,
      ports: { ...memory.ports, accounts, devices, blocks, revocations, search },
      secrets,
      cluster: {
        id: 'n1',
        coordinator: new MemoryCoordinator(),
        sessions: new MemorySessionRegistry(parts.clock),
        transport: new WebSocketLinkTransport('n1', new LinkProof(secrets.linkKey, parts.clock, parts.random)),
      },
      close: () => stores.close(),
    }
  }
}

describe.skipIf(server === '')(`accounts in two PostgreSQL databases${missing}`, () => {
  let databases: TestDatabases
  let world: World
  let elsewhere: PostgresStores
  beforeAll(async () => {
    databases = await TestDatabases.make(2)
    const urls = databases.fresh()
    world = await World.start({}, { open: openOver(urls) })
    elsewhere = await openPostgres([urls], { clock: systemClock, logger: silentLogger })
  })
  afterAll(async () => {
    await world.stop()
    await elsewhere.close()
    await databases.remove()
  })

  accountConformance(() => world)

  it('what was written is found by search', async () => {
    const [alice, bob] = (await world.people(2)) as [Person, Person]
    const { id } = await alice.api.call<{ id: string }>('PUT', `/v1/direct/${bob.user}`)
    const content = { text: 'Grüße aus Köln' }
    await alice.api.call('POST', `/v1/conversations/${id}/messages`, { clientMessageId: 'm1', content })
    const found = async (who: Person) =>
      (await who.api.call<{ items: { content: object }[] }>('GET', '/v1/search?query=koln')).items.map(
        (one) => one.content,
      )
    expect(await found(bob)).toEqual([content])
    expect(await found(await world.person())).toEqual([])
  })

  it('a device that another node logs out is out within a second: its socket, its token', async () => {
    const person = await world.person()
    const second = await person.secondDevice()
    const { client } = await second.connect()
    const [one] = (await second.api.call<{ items: Device[] }>('GET', '/v1/me/devices')).items.filter(
      ({ current }) => current,
    )
    const started = performance.now()
    await elsewhere.devices.remove(person.user, [one?.id ?? ''], 'logged_out')
    expect(await client.closed).toMatchObject({ code: closeCode.loggedOut })
    expect(performance.now() - started).toBeLessThan(1000)
    expect((await second.api.request('GET', '/v1/me')).status).toBe(401)
    expect((await person.api.request('GET', '/v1/me')).status).toBe(200)
  })
})
