import type { SecretStore } from '../../cluster/secret-store.ts'
import type { Shards } from './shards.ts'

const put = {
  name: 'secret-put',
  text: `
INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = secrets.value
RETURNING value`,
}

export class PostgresSecretStore implements SecretStore {
  readonly #shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  async putIfAbsent(name: string, value: Uint8Array): Promise<Uint8Array> {
    const [row] = await this.#shards.run<{ value: Uint8Array }>(name, put, [name, value])
    if (!row) throw new Error(`nothing is stored as ${name}`)
    return new Uint8Array(row.value)
  }
}
