/**
 * Offers messages at a fixed rate whatever the answers do: message k is due at start + k / rate, and is handed that
 * time, so a stall of the server (or of this process) shows as latency of everything that was due meanwhile.
 */
export class OpenLoop {
  #timer: NodeJS.Timeout | undefined

  start(rate: number, send: (intended: number) => void): void {
    const period = 1000 / rate
    const began = performance.now()
    let next = 0
    this.#timer = setInterval(
      () => {
        const now = performance.now()
        for (let due = began + next * period; due <= now; due = began + next * period) {
          next += 1
          send(due)
        }
      },
      Math.max(1, Math.min(period / 4, 5)),
    )
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
