import { setTimeout as delay } from 'node:timers/promises'
import { Histogram, type LatencySummary } from '../measure/histogram.ts'
import { cpuSeconds, writtenBytes } from '../measure/process-tree.ts'

/** How load is offered: `outstanding` per sender at full speed, or `rate` messages a second in all, open loop. */
export type Offer = { outstanding: number } | { rate: number }

export interface SlotSpec {
  offer: Offer
  /** Load without measuring, before the window. */
  warmUpMs: number
  windowMs: number
  /** How long deliveries may be behind once the load has stopped, 15 s when it is not said. */
  drainMs?: number
}

/** What one slot gave. Messages are those answered in the window, deliveries those received in it. */
export interface SlotResult {
  seconds: number
  messages: number
  deliveries: number
  /** Of the server's whole process tree (of all of its nodes), in the window. */
  cpuSeconds: number
  /** Of what it stands on, by name, in the window. */
  engineSeconds: Record<string, number>
  /** Of the load generator, as a check that it was not what limited. */
  loadCpuSeconds: number
  writtenBytes: number
  ok: LatencySummary
  /** From the intended send time to the receiver's event. */
  delivery: LatencySummary
  /** Over the whole slot, warm-up and draining included. */
  sent: number
  expected: number
  delivered: number
  /** Events that told a device nothing new: allowed (rule Y2), but work for nothing. */
  repeats: number
  /** Why this slot is no data point. */
  failures: string[]
}

/** Counts of a slot; the drivers add to it, the window reads it. */
export class SlotMeter {
  readonly ok = new Histogram()
  readonly delivery = new Histogram()
  sent = 0
  answered = 0
  delivered = 0
  repeats = 0
  readonly failures = new Set<string>()

  reset(): void {
    this.ok.reset()
    this.delivery.reset()
    this.sent = 0
    this.answered = 0
    this.delivered = 0
    this.repeats = 0
    this.failures.clear()
  }
}

export interface SlotDriver {
  meter: SlotMeter
  start(offer: Offer): void
  /** No new sends; what is under way goes on. */
  stop(): void
  /** Deliveries that the sends of this slot must have made in the end. */
  expected(): number
}

const usualDrainMs = 15_000

/** Roots of process trees. */
export interface Measured {
  server: readonly number[]
  engines: Readonly<Record<string, readonly number[]>>
}

/** Warm-up, window, drain. The server's CPU is read by the load itself, at the very edges of its window. */
export async function runSlot(driver: SlotDriver, spec: SlotSpec, measured: Measured): Promise<SlotResult> {
  const { meter } = driver
  meter.reset()
  driver.start(spec.offer)
  await delay(spec.warmUpMs)
  meter.ok.reset()
  meter.delivery.reset()
  const from = edge(meter, measured)
  await delay(spec.windowMs)
  const to = edge(meter, measured)
  const ok = meter.ok.summary()
  const delivery = meter.delivery.summary()
  driver.stop()
  await drain(driver, spec.drainMs ?? usualDrainMs)
  const failures = [...meter.failures]
  if (meter.answered !== meter.sent) failures.push(`${meter.sent} sent, ${meter.answered} answered`)
  if (meter.delivered !== driver.expected())
    failures.push(`${driver.expected()} expected, ${meter.delivered} delivered`)
  return {
    seconds: to.seconds - from.seconds,
    messages: to.answered - from.answered,
    deliveries: to.delivered - from.delivered,
    cpuSeconds: to.cpu - from.cpu,
    engineSeconds: Object.fromEntries(
      Object.entries(to.engines).map(([name, cpu]) => [name, cpu - (from.engines[name] ?? 0)]),
    ),
    loadCpuSeconds: to.loadCpu - from.loadCpu,
    writtenBytes: to.written - from.written,
    ok,
    delivery,
    sent: meter.sent,
    expected: driver.expected(),
    delivered: meter.delivered,
    repeats: meter.repeats,
    failures,
  }
}

const fillOutstanding = 32

/** Full load until `messages` more are answered and delivered; rejects when any was lost. */
export async function fill(driver: SlotDriver, messages: number): Promise<void> {
  const { meter } = driver
  meter.reset()
  driver.start({ outstanding: fillOutstanding })
  while (meter.sent < messages && meter.failures.size === 0) await delay(2)
  driver.stop()
  await drain(driver, usualDrainMs)
  if (meter.delivered !== driver.expected())
    meter.failures.add(`${driver.expected()} expected, ${meter.delivered} delivered`)
  if (meter.failures.size > 0) throw new Error([...meter.failures].join('; '))
}

const sumOf = (pids: readonly number[], of: (pid: number) => number): number =>
  pids.reduce((sum, pid) => sum + of(pid), 0)

function edge(meter: SlotMeter, { server, engines }: Measured) {
  const { user, system } = process.cpuUsage()
  return {
    seconds: performance.now() / 1000,
    answered: meter.answered,
    delivered: meter.delivered,
    cpu: sumOf(server, cpuSeconds),
    engines: Object.fromEntries(Object.entries(engines).map(([name, pids]) => [name, sumOf(pids, cpuSeconds)])),
    loadCpu: (user + system) / 1e6,
    written: sumOf(server, writtenBytes),
  }
}

async function drain(driver: SlotDriver, drainMs: number): Promise<void> {
  const { meter } = driver
  const end = performance.now() + drainMs
  while (performance.now() < end) {
    if (meter.answered === meter.sent && meter.delivered >= driver.expected()) break
    await delay(20)
  }
  // A repeat or a late receipt belongs to this slot, not to the other server's next one.
  await delay(1200)
}
