import { readConfig } from './app/config.ts'
import { type NodeWorld, type RunningNode, runNode } from './app/node.ts'
import type { SettingsInput } from './app/options.ts'

export { FolderMovedError } from './adapters/sqlite/data-folder.ts'
export { FolderInUseError } from './adapters/sqlite/folder-lock.ts'
export { checkEngines, type EngineCheck } from './app/check-engines.ts'
export { checkPush, type PushCheck } from './app/check-push.ts'
export { ConfigError, readConfig } from './app/config.ts'
export { describeStorage } from './app/engines.ts'
export { type TierReport, tierMedia } from './app/media-tiers.ts'
export {
  abandonMigration,
  copyMigration,
  type MigrateEvent,
  type MigrationPlan,
  migrate,
  planMigration,
  verifyMigration,
} from './app/migrate.ts'
export { type NodeWorld, type RunningNode, runNode } from './app/node.ts'
export { withAccounts } from './app/offline.ts'
export { options, type Settings, type SettingsInput } from './app/options.ts'
export { version } from './app/version.ts'
export type { MigrationReport } from './migration/migration.ts'
export type { Verified } from './migration/verification.ts'

/** Starts a node inside this process. Settings that are not given have their defaults; no environment is read. */
export function startNode(settings: SettingsInput = {}, world?: NodeWorld): Promise<RunningNode> {
  return runNode(readConfig({ flags: settings, env: {} }).settings, world)
}
