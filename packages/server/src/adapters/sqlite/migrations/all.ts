import type { Migration } from '../migrate.ts'
import { log } from './0001-log.ts'
import { accounts } from './0002-accounts.ts'
import { presence } from './0003-presence.ts'
import { revocations } from './0004-revocations.ts'
import { ownMarks } from './0005-own-marks.ts'
import { journal } from './0006-journal.ts'
import { operators } from './0007-operators.ts'
import { media } from './0008-media.ts'
import { push } from './0009-push.ts'

/** Every step, in order. */
export const migrations: readonly Migration[] = [
  log,
  accounts,
  presence,
  revocations,
  ownMarks,
  journal,
  operators,
  media,
  push,
]
