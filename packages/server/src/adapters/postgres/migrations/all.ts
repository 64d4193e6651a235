import type { Migration } from '../migrate.ts'
import { shards } from './0001-shards.ts'
import { accounts } from './0002-accounts.ts'
import { search } from './0003-search.ts'
import { media } from './0005-media.ts'
import { operators } from './0006-operators.ts'
import { push } from './0007-push.ts'

/** Every step, in order. */
export const migrations: readonly Migration[] = [shards, accounts, search, media, operators, push]
