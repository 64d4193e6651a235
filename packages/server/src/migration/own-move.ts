import {
  type MemberKey,
  type MovedOwn,
  memberKey,
  type OwnExport,
  type OwnImport,
  parseMemberKey,
} from '../conversations/own-move.ts'
import type { KeyPage } from '../lib/key-page.ts'
import { Comparison, type Move } from './move.ts'

/** Own settings, read marks, and what members deleted for themselves. */
export class OwnMove implements Move {
  readonly kind = 'own'
  readonly keysAre = 'members'
  readonly #source
  readonly #target

  constructor(source: OwnExport, target: OwnImport) {
    this.#source = source
    this.#target = target
  }

  page(after: string | undefined, limit: number): Promise<KeyPage> {
    return this.#source.pageOfMembers(after, limit)
  }

  async copy(keys: readonly string[]): Promise<number> {
    const rows = await this.#source.own(keys.map(parseMemberKey))
    await this.#target.putOwn(rows)
    return rows.length
  }

  async compare(keys: readonly string[]): Promise<Map<string, Comparison>> {
    const comparisons = new Map(keys.map((key) => [key, new Comparison()]))
    const members: MemberKey[] = keys.map(parseMemberKey)
    const [here, there] = await Promise.all([this.#source.own(members), this.#target.own(members)])
    for (const { order: _, ...own } of here) comparisons.get(memberKey(own))?.source.add(own satisfies MovedOwn)
    for (const own of there) comparisons.get(memberKey(own))?.target.add(own)
    return comparisons
  }
}
