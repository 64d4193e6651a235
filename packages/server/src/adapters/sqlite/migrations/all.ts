import type { Migration } from '../migrate.ts'
import { log } from './0001-log.ts'

/** Every step, in order. */
export const migrations: readonly Migration[] = [log]
