import type { AuditEntry } from '@parley/protocol'
import type { OperatorRecords } from '../../operators/operator-records.ts'
import { storableJson } from './driver.ts'
import type { Shards } from './shards.ts'

/** All of it lies in one shard. */
const home = 'operators'

const offer = {
  name: 'operator-offer',
  text: 'INSERT INTO operator_offers (hash, until) VALUES ($1, $2) ON CONFLICT (hash) DO UPDATE SET until = excluded.until',
}
/** Whoever comes second waits for the first, and finds nothing. */
const take = {
  name: 'operator-take',
  text: 'DELETE FROM operator_offers WHERE hash = $1 AND until > $2 RETURNING hash',
}
const dropOffers = { name: 'operator-offers-drop', text: 'DELETE FROM operator_offers' }
const note = {
  name: 'audit-note',
  text: 'INSERT INTO audit (id, entry) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET entry = excluded.entry',
}
const find = { name: 'audit-find', text: 'SELECT entry FROM audit WHERE id = ANY($1::bigint[])' }
const entries = {
  name: 'audit-entries',
  text: 'SELECT entry FROM audit WHERE id < $1::bigint ORDER BY id DESC LIMIT $2',
}

export class PostgresOperatorRecords implements OperatorRecords {
  readonly #shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  async offer(hash: string, until: number): Promise<void> {
    await this.#shards.run(home, offer, [hash, until])
  }

  async take(hash: string, at: number): Promise<boolean> {
    return this.#shards.of(home).database.transaction(async (run) => {
      const taken = await run<{ hash: string }>(take, [hash, at])
      if (taken.length > 0) await run(dropOffers, [])
      return taken.length > 0
    })
  }

  async note(entry: AuditEntry): Promise<void> {
    await this.#shards.run(home, note, [entry.id, storableJson(entry)])
  }

  async find(ids: readonly string[]): Promise<AuditEntry[]> {
    const rows = await this.#shards.run<{ entry: AuditEntry }>(home, find, [ids])
    return rows.map(({ entry }) => entry)
  }

  async entries(before: string | undefined, limit: number): Promise<AuditEntry[]> {
    const values = [before ?? '9223372036854775807', limit]
    const rows = await this.#shards.run<{ entry: AuditEntry }>(home, entries, values)
    return rows.map(({ entry }) => entry)
  }
}
