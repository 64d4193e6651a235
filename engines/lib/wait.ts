import { setTimeout as sleep } from 'node:timers/promises'

/** Asks until the answer is yes; false when `ms` have passed. A question that fails counts as no. */
export async function waitUntil(ask: () => boolean | Promise<boolean>, ms: number, every = 50): Promise<boolean> {
  const until = performance.now() + ms
  for (;;) {
    try {
      if (await ask()) return true
    } catch {
      // Not yet.
    }
    if (performance.now() >= until) return false
    await sleep(every)
  }
}
