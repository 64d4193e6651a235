/** Port: what the nodes of one service know and nobody else, made by whichever needs it first. */
export interface SecretStore {
  /**
   * Stores `value` under `name` unless something is stored there; durable when it resolves.
   * @returns what is stored: the same for everybody, for ever
   */
  putIfAbsent(name: string, value: Uint8Array): Promise<Uint8Array>
}
