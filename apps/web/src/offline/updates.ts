import { takeUpdate } from './messages.ts'

/** ms between two looks for a new version in a tab that stays open. */
const interval = 60 * 60 * 1000

/** Keeps the app on this device, and tells when another version is there. */
class Updates {
  readonly #listeners = new Set<() => void>()
  #waiting: ServiceWorker | undefined

  /** A version that was loaded beside this one. */
  readonly available = (): boolean => this.#waiting !== undefined

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed)
    return () => this.#listeners.delete(changed)
  }

  async start(workers: ServiceWorkerContainer, reload: () => void): Promise<void> {
    // The first one that comes is of the version that runs.
    let controlled = workers.controller !== null
    workers.addEventListener('controllerchange', () => {
      if (controlled) reload()
      controlled = true
    })
    const registration = await workers.register('/service-worker.js')
    this.#found(registration.waiting)
    registration.addEventListener('updatefound', () => {
      const { installing } = registration
      installing?.addEventListener('statechange', () => {
        if (installing.state === 'installed' && workers.controller) this.#found(installing)
      })
    })
    setInterval(() => void registration.update().catch(() => {}), interval)
  }

  /** Every tab loads again, with the new version. */
  take(): void {
    this.#waiting?.postMessage(takeUpdate)
  }

  #found(worker: ServiceWorker | null): void {
    if (!worker) return
    this.#waiting = worker
    for (const listener of this.#listeners) listener()
  }
}

export const updates = new Updates()

/** Browsers without service workers, and the server for developers, do without. */
export function keepApp(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  updates.start(navigator.serviceWorker, () => location.reload()).catch(() => {})
}
