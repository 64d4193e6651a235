import { describe, it } from 'vitest'
import { type Clock, systemClock } from './clock.ts'
import { AppError } from './errors.ts'

/** Stores of one technology that several nodes are opened over. */
export interface TestStores<Node> {
  /** The adapters of one more node. `seed` is for those that misbehave at random. */
  node(seed?: number): Promise<Node>
  /** The clock of the adapters, ms since the epoch. */
  now(): number
  /** Lets at least `ms` pass by that clock. */
  pass(ms: number): Promise<void>
  /** Where rows of queues and sends go by their age: lets time pass until what is older than `before` (ms) is gone. */
  expire?(before: number): Promise<void>
  close(): Promise<void>
}

export interface ContractOptions {
  /** Runs of each property. */
  runs: number
  /** Queue positions are dense, every row is given once, and nothing is ever left to complete. */
  exact: boolean
}

/** What a port promises, one named rule each. A rule throws when the promise is broken. */
export type Rules<Node> = Readonly<
  Record<string, (stores: TestStores<Node>, options: ContractOptions) => Promise<void>>
>

/** Runs every rule of a port on stores of its own. */
export function describeContract<Node>(
  name: string,
  rules: Rules<Node>,
  open: () => Promise<TestStores<Node>>,
  options: ContractOptions,
): void {
  describe(name, () => {
    for (const [rule, check] of Object.entries(rules)) {
      it(rule, { timeout: 60_000 }, async () => {
        const stores = await open()
        try {
          await check(stores, options)
        } finally {
          await stores.close()
        }
      })
    }
  })
}

let names = 0

/** A name that no other test has used on these stores. */
export function unique(prefix: string): string {
  names++
  return `${prefix}${names}x${Math.random().toString(36).slice(2, 10)}`
}

/** Repeats an idempotent operation until its outcome is known. */
export async function retry<T>(operation: () => Promise<T>, tries = 1000): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await operation()
    } catch (error) {
      if (!isUnavailable(error) || left === 0) throw error
    }
  }
}

export function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'unavailable'
}

/** For loops that end when a port keeps its promises. */
export function endsWithin(rounds: number): () => void {
  let left = rounds
  return () => {
    if (--left < 0) throw new Error(`no end after ${rounds} rounds`)
  }
}

/** Waits for what a port may do late. */
export async function eventually(stores: TestStores<unknown>, check: () => Promise<void>): Promise<void> {
  for (let left = 40; ; left--) {
    try {
      return await check()
    } catch (error) {
      if (left === 0) throw error
    }
    await stores.pass(50)
  }
}

/** Waits in real time until `holds`; what it throws counts as no. @returns the milliseconds that it took */
export async function until(holds: () => Promise<boolean> | boolean, patience: number): Promise<number> {
  const started = performance.now()
  for (let last: unknown; ; ) {
    try {
      if (await holds()) return performance.now() - started
      last = new Error(`not within ${patience} ms`)
    } catch (error) {
      last = error
    }
    if (performance.now() - started > patience) throw last
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A clock that a test moves forward, and the time of stores that use it. */
export function movedTime(): { clock: Clock; now(): number; pass(ms: number): Promise<void> } {
  let ahead = 0
  const now = () => systemClock.now() + ahead
  const pass = async (ms: number) => {
    ahead += ms
  }
  return { clock: { ...systemClock, now }, now, pass }
}

/** Time for stores that use the system's clock. */
export const realTime = {
  now: () => Date.now(),
  pass: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
}
