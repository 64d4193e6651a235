import type { Migration } from '../schema.ts'
import { log } from './0001-log.ts'
import { queue } from './0002-queue.ts'
import { ownMarks } from './0003-own-marks.ts'

export const migrations: readonly Migration[] = [log, queue, ownMarks]
