import { type Revocation, type RevocationLog, revocationRetention } from '../../accounts/revocation-log.ts'
import type { MemoryUsers } from './users.ts'

const toldAtOnce = 10_000

/** A mark is the number of the newest revocation, and the time. */
export class MemoryRevocationLog implements RevocationLog {
  readonly #users

  constructor(users: MemoryUsers) {
    this.#users = users
  }

  async since(mark: string | undefined): Promise<{ mark: string; revocations: Revocation[] | undefined }> {
    const { revocations, revoked, clock } = this.#users
    const now = clock.now()
    const next = `${revoked}@${now}`
    if (mark === undefined) return { mark: next, revocations: [] }
    const [number = Number.NaN, at = 0] = mark.split('@').map(Number)
    if (Number.isNaN(number) || now - at > revocationRetention) return { mark: next, revocations: undefined }
    const told = revocations.filter((one) => one.number > number).map(({ revocation }) => revocation)
    return { mark: next, revocations: told.length > toldAtOnce ? undefined : told }
  }

  async trim(time: number, limit: number): Promise<number> {
    const { revocations } = this.#users
    const old = revocations.filter(({ at }) => at < time).length
    const count = Math.min(old, limit)
    revocations.splice(0, count)
    return count
  }
}
