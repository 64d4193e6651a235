import type { UserSettings } from '@parley/protocol'

type QuietHours = NonNullable<UserSettings['quietHours']>

const minute = 60_000
const day = 24 * 60

/** When the quiet hours that it is now in end, ms since the epoch; undefined: it is not in them. */
export function endOfQuietHours({ from, to, timeZone = 'UTC' }: QuietHours, now: number): number | undefined {
  const at = minuteOfDay(now, timeZone)
  const [start, end] = [minutes(from), minutes(to)]
  if (start === end) return undefined
  const inside = start < end ? at >= start && at < end : at >= start || at < end
  if (!inside) return undefined
  // On a day of 23 or 25 hours it is an hour off, and is looked at again then.
  return Math.floor(now / minute) * minute + ((end - at + day) % day) * minute
}

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

const formats = new Map<string, Intl.DateTimeFormat | undefined>()

function minuteOfDay(now: number, timeZone: string): number {
  if (!formats.has(timeZone)) formats.set(timeZone, formatOf(timeZone))
  const format = formats.get(timeZone)
  // A zone that nobody knows is taken for UTC.
  return minutes(format ? format.format(now) : new Date(now).toISOString().slice(11, 16))
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  } catch {
    return undefined
  }
}
