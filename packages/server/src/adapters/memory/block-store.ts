import type { UserId } from '@parley/protocol'
import type { BlockStore } from '../../accounts/block-store.ts'
import { MemoryUsers } from './users.ts'

export class MemoryBlockStore implements BlockStore {
  readonly #users

  constructor(users = new MemoryUsers()) {
    this.#users = users
  }

  async add(blocker: UserId, blocked: UserId): Promise<void> {
    if (this.#users.isErased(blocker)) return
    const { blocks } = this.#users
    blocks.set(blocker, (blocks.get(blocker) ?? new Set()).add(blocked))
  }

  async remove(blocker: UserId, blocked: UserId): Promise<void> {
    this.#users.blocks.get(blocker)?.delete(blocked)
  }

  async of(blocker: UserId): Promise<UserId[]> {
    return [...(this.#users.blocks.get(blocker) ?? [])]
  }
}
