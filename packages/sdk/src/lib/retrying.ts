import { backOff } from './back-off.ts'
import type { Clock, Random } from './environment.ts'
import { isTransient, ParleyError } from './errors.ts'
import { wait } from './wait.ts'

/** Asks again, with back-off, for as long as the failure is one that passes and `signal` is not aborted. */
export async function retrying<T>(
  { clock, random }: { clock: Clock; random: Random },
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await ask()
    } catch (error) {
      if (signal.aborted || !isTransient(error)) throw error
      const retryAfter = error instanceof ParleyError ? error.retryAfter : undefined
      await wait(clock, retryAfter ?? backOff(random, failures), signal)
    }
  }
}
