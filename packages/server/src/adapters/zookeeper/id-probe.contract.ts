import { expect } from 'vitest'
import type { Coordinator } from '../../cluster/coordinator.ts'
import { systemClock } from '../../lib/clock.ts'
import { SnowflakeGenerator } from '../../log/snowflake.ts'
import { compareSnowflakes } from '../../log/snowflake-parts.ts'

const every = 10

/** Makes an id every 10 ms, as a node under load does, and remembers when it could not. */
export class IdProbe {
  readonly ids: string[] = []
  readonly #generator
  readonly #timer
  #busy = false
  #madeAt = performance.now()
  #longest = 0

  private constructor(generator: SnowflakeGenerator) {
    this.#generator = generator
    this.#timer = setInterval(() => void this.#make(), every)
  }

  static async start(coordinator: Coordinator): Promise<IdProbe> {
    const generator = new SnowflakeGenerator(systemClock, await coordinator.lease())
    await generator.keepAhead()
    return new IdProbe(generator)
  }

  /** Milliseconds since an id was made last. */
  get silence(): number {
    return performance.now() - this.#madeAt
  }

  /** The longest time without ids until now, ms; begins anew. */
  takeLongest(): number {
    const longest = Math.max(this.#longest, this.silence)
    this.#longest = 0
    return longest
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#generator.close()
  }

  async #make(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    try {
      await this.#generator.ensure()
      this.ids.push(this.#generator.next('0').id)
      this.#longest = Math.max(this.#longest, this.silence)
      this.#madeAt = performance.now()
    } catch (error) {
      expect(error).toMatchObject({ code: 'unavailable' })
    } finally {
      this.#busy = false
    }
  }
}

/** I8: no id twice, and each node's grow. */
export function expectUnique(probes: readonly { ids: readonly string[] }[]): void {
  const all = probes.flatMap(({ ids }) => ids)
  expect(new Set(all).size).toBe(all.length)
  for (const { ids } of probes) {
    const wrong = ids.findIndex((id, index) => index > 0 && compareSnowflakes(id, ids[index - 1] as string) <= 0)
    expect(wrong).toBe(-1)
  }
}
