/** A timer that was set; cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void
}

/** Time as the server sees it. Every clock, timer and deferral of the server goes through one of these. */
export interface Clock {
  /** Wall clock, ms since the epoch. May jump. */
  now(): number
  /** Milliseconds from a fixed point. Never goes back; may stand still while the machine sleeps. */
  monotonic(): number
  /** Calls `run` once after `delay` ms. Does not keep the process alive. */
  after(delay: number, run: () => void): Timer
  /** Calls `run` every `period` ms until cancelled. Does not keep the process alive. */
  every(period: number, run: () => void): Timer
  /** Calls `run` at the end of this turn of the event loop, after the I/O that is at hand. */
  soon(run: () => void): void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delay, run) {
    const timer = setTimeout(run, delay)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
  every(period, run) {
    const timer = setInterval(run, period)
    timer.unref()
    return { cancel: () => clearInterval(timer) }
  },
  soon: (run) => {
    setImmediate(run)
  },
}

export function sleep(clock: Clock, delay: number): Promise<void> {
  return new Promise((resolve) => clock.after(delay, resolve))
}

/** Counts the ms from here on: the longer of the two clocks, as one stands still while the machine sleeps. */
export function stopwatch(clock: Clock): () => number {
  const [wall, monotonic] = [clock.now(), clock.monotonic()]
  return () => Math.max(clock.now() - wall, clock.monotonic() - monotonic)
}
