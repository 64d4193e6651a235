import type { StorageUsed } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'

/** Whoever looks asks every few seconds; what is stored is not added up for each of them. */
const rememberedFor = 30_000

/** What is stored: of the platform, and of media where there are any. */
export class StorageWatch {
  readonly #measure
  readonly #clock
  #known: { at: number; used: Promise<StorageUsed> } | undefined

  constructor(
    platform: () => Promise<StorageUsed>,
    media: (() => Promise<NonNullable<StorageUsed['media']>>) | undefined,
    clock: Clock,
  ) {
    this.#clock = clock
    // What cannot be told at the moment is left out: the rest is worth seeing.
    this.#measure = async (): Promise<StorageUsed> => {
      const [stored, tiers] = await Promise.all([platform().catch(() => ({})), media?.().catch(() => undefined)])
      return { ...stored, ...(tiers && { media: tiers }) }
    }
  }

  used(): Promise<StorageUsed> {
    const now = this.#clock.now()
    if (!this.#known || now - this.#known.at > rememberedFor) this.#known = { at: now, used: this.#measure() }
    return this.#known.used
  }
}
