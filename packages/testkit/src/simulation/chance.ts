import type { Random } from '../../../server/src/lib/random.ts'
import { seededRandom } from '../../../server/src/lib/seeded-random.ts'

/** Decisions of a simulation, the same for the same seed. */
export class Chance {
  readonly random: Random

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  /** Independent of how much is drawn here from now on. */
  fork(): Chance {
    return new Chance(this.below(2 ** 31))
  }

  /** True with this probability. */
  is(probability: number): boolean {
    return this.random.float() < probability
  }

  /** A whole number, 0 ≤ n < end. */
  below(end: number): number {
    return Math.floor(this.random.float() * end)
  }

  between(from: number, to: number): number {
    return from + this.random.float() * (to - from)
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)]
  }

  /** One of the names, by their weights. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][]
    let left = this.random.float() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [name, weight] of entries) {
      left -= weight
      if (left < 0) return name
    }
    return entries.at(-1)![0]
  }
}
