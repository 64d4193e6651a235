import type { AccountImport } from '../../accounts/account-move.ts'
import type { AccountStore } from '../../accounts/account-store.ts'
import type { BlockStore } from '../../accounts/block-store.ts'
import type { DeviceStore } from '../../accounts/device-store.ts'
import type { RevocationLog } from '../../accounts/revocation-log.ts'
import type { MarkStore } from '../../cluster/mark-store.ts'
import type { SecretStore } from '../../cluster/secret-store.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { StatementCounts } from '../../lib/statement-counts.ts'
import type { MediaCatalogue } from '../../media/media-catalogue.ts'
import type { MediaObjects } from '../../media/media-objects.ts'
import type { MediaReferences } from '../../media/media-references.ts'
import type { MessageSearch } from '../../messages/message-search.ts'
import type { NotificationImport } from '../../notifications/notification-move.ts'
import type { PushQueue } from '../../notifications/push-queue.ts'
import type { RegistrationStore } from '../../notifications/registration-store.ts'
import type { OperatorRecords } from '../../operators/operator-records.ts'
import { PostgresAccountImport } from './account-move.ts'
import { PostgresAccountStore } from './account-store.ts'
import { PostgresBlockStore } from './block-store.ts'
import { checkShards, type DatabaseReport } from './check.ts'
import { parseDatabaseUrls } from './database-url.ts'
import { PostgresDeviceStore } from './device-store.ts'
import { loadDriver } from './driver.ts'
import { PostgresMarkStore } from './mark-store.ts'
import { PostgresMediaCatalogue } from './media-catalogue.ts'
import { PostgresMediaObjects } from './media-objects.ts'
import { PostgresMediaReferences } from './media-references.ts'
import { PostgresMessageSearch } from './message-search.ts'
import { PostgresNotificationImport } from './notification-move.ts'
import { openShards } from './open-shards.ts'
import { PostgresOperatorRecords } from './operator-records.ts'
import { PostgresPushQueue } from './push-queue.ts'
import { PostgresRegistrationStore } from './registration-store.ts'
import { PostgresRevocationLog } from './revocation-log.ts'
import { PostgresSecretStore } from './secret-store.ts'
import { Tokens } from './tokens.ts'

const databaseSize = { name: 'database-size', text: 'SELECT pg_database_size(current_database()) AS bytes' }

/** The ports that PostgreSQL keeps. */
export interface PostgresStores {
  accounts: AccountStore
  devices: DeviceStore
  blocks: BlockStore
  revocations: RevocationLog
  registrations: RegistrationStore
  pushes: PushQueue
  secrets: SecretStore
  search: MessageSearch
  marks: MarkStore
  operators: OperatorRecords
  catalogue: MediaCatalogue
  references: MediaReferences
  objects: MediaObjects
  /** The ways in for what comes from one process. */
  accountImport: AccountImport
  notificationImport: NotificationImport
  /** Bytes of all databases. */
  size(): Promise<number>
  /** Every database, as it is now. Never rejects. */
  check(): Promise<DatabaseReport[]>
  close(): Promise<void>
}

/**
 * Opens what `DATABASE_URL` names, a shard each, and brings it up to date.
 * @throws Error that says which database cannot be used, and why
 */
export async function openPostgres(
  urls: readonly string[],
  world: { clock: Clock; logger: Logger; counts?: StatementCounts },
): Promise<PostgresStores> {
  const parsed = parseDatabaseUrls(urls.join())
  const shards = await openShards(await loadDriver(), parsed, world.logger, world.counts)
  const tokens = new Tokens(shards)
  return {
    accounts: new PostgresAccountStore(shards, tokens),
    devices: new PostgresDeviceStore(shards, tokens),
    blocks: new PostgresBlockStore(shards),
    revocations: new PostgresRevocationLog(shards, world.logger),
    registrations: new PostgresRegistrationStore(shards),
    pushes: new PostgresPushQueue(shards),
    secrets: new PostgresSecretStore(shards),
    search: new PostgresMessageSearch(shards),
    marks: new PostgresMarkStore(shards),
    operators: new PostgresOperatorRecords(shards),
    catalogue: new PostgresMediaCatalogue(shards),
    references: new PostgresMediaReferences(shards),
    objects: new PostgresMediaObjects(shards),
    accountImport: new PostgresAccountImport(shards, tokens),
    notificationImport: new PostgresNotificationImport(shards),
    size: async () => {
      const sizes = await shards.everywhere(({ database }) => database.run<{ bytes: string }>(databaseSize, []))
      return sizes.reduce((sum, { bytes }) => sum + Number(bytes), 0)
    },
    check: () => checkShards(shards, world.clock),
    close: () => shards.close(),
  }
}
