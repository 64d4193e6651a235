/** Port: short texts by name that all nodes of a service see. */
export interface MarkStore {
  get(name: string): Promise<string | undefined>
  /** Durable when it resolves. */
  set(name: string, value: string): Promise<void>
}
