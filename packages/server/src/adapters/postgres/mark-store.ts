import type { MarkStore } from '../../cluster/mark-store.ts'
import type { Shards } from './shards.ts'

const get = { name: 'mark-get', text: 'SELECT value FROM marks WHERE name = $1' }
const set = {
  name: 'mark-set',
  text: 'INSERT INTO marks (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
}

export class PostgresMarkStore implements MarkStore {
  readonly #shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  async get(name: string): Promise<string | undefined> {
    const [row] = await this.#shards.run<{ value: string }>(name, get, [name])
    return row?.value
  }

  async set(name: string, value: string): Promise<void> {
    await this.#shards.run(name, set, [name, value])
  }
}
