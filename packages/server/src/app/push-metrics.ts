import { Counter, Gauge, type Registry } from 'prom-client'
import type { Clock } from '../lib/clock.ts'
import type { PushNoting } from './push-services.ts'

/** Notifications: what is due, what was sent, what failed and why, what was not sent and why. */
export function registerPushMetrics(
  registry: Registry,
  { counts, state }: PushNoting,
  clock: Pick<Clock, 'now'>,
): void {
  const registers = [registry]
  new Counter({
    name: 'parley_push_sent_total',
    help: 'Notifications and withdrawals that providers took',
    labelNames: ['action'],
    registers,
    collect() {
      this.reset()
      this.inc({ action: 'show' }, counts.shown)
      this.inc({ action: 'withdraw' }, counts.withdrawn)
    },
  })
  const byReason = (name: string, help: string, reasons: ReadonlyMap<string, number>): void => {
    new Counter({
      name,
      help,
      labelNames: ['reason'],
      registers,
      collect() {
        this.reset()
        for (const [reason, count] of reasons) this.inc({ reason }, count)
      },
    })
  }
  byReason('parley_push_failed_total', 'Tries that failed, by what the provider said', counts.failed)
  byReason('parley_push_spared_total', 'Notifications that were not needed, by why', counts.spared)
  new Counter({
    name: 'parley_push_gone_total',
    help: 'Registrations that providers called dead',
    registers,
    collect() {
      this.reset()
      this.inc(counts.gone)
    },
  })
  const oldest = new Gauge({
    name: 'parley_push_oldest_due_seconds',
    help: 'How long the first of the due notifications has waited',
    registers,
  })
  new Gauge({
    name: 'parley_push_due',
    help: 'Notifications whose time has come',
    registers,
    async collect() {
      const now = clock.now()
      const { due, oldest: since } = await state(now).catch(() => ({ due: Number.NaN, oldest: undefined }))
      this.set(due)
      oldest.set(since === undefined ? 0 : Math.max(0, now - since) / 1000)
    },
  })
}
