import type { Migration } from '../schema.ts'
import { log } from './0001-log.ts'
import { queue } from './0002-queue.ts'

export const migrations: readonly Migration[] = [log, queue]
