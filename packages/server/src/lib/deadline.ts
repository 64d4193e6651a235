import type { Clock } from './clock.ts'
import { unavailable } from './errors.ts'

/** What `work` answers, or after `ms` an error: then its outcome is not known. @throws AppError `unavailable` */
export function within<T>(clock: Clock, ms: number, work: Promise<T>, tooLate: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, () => reject(unavailable(tooLate)))
    work.then(resolve, reject).finally(() => timer.cancel())
  })
}
