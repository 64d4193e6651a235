import type { SecretStore } from '../../cluster/secret-store.ts'

export class MemorySecretStore implements SecretStore {
  readonly #values = new Map<string, Uint8Array>()

  async putIfAbsent(name: string, value: Uint8Array): Promise<Uint8Array> {
    const stored = this.#values.get(name) ?? Uint8Array.from(value)
    this.#values.set(name, stored)
    return Uint8Array.from(stored)
  }
}
