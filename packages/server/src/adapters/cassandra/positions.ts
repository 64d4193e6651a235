import type { QueuePosition } from '../../sync/place.ts'

/**
 * Microseconds since the epoch: when a queue row was written, by its writer's clock. Never below that of the row before
 * it in the same conversation, and never given twice by one writer.
 */
export type RowTime = number

/**
 * Positions are `time-writer`, both in base 36, the time always ten digits (until 2086), so that text order is time
 * order. Rows that came from SQLite keep their dense numbers: those lie before all times.
 */
const timed = /^[1-9a-z][0-9a-z]{9}-[0-9a-z]{1,12}$/
const dense = /^\d{1,14}$/
const denseDigits = 15

export const isPosition = (text: string): boolean => dense.test(text) || timed.test(text)
export const isDense = (position: QueuePosition): boolean => dense.test(position)

export function positionOf(time: RowTime, writer: string): QueuePosition {
  return `${time.toString(36)}-${writer}`
}

/** Before every row of this time, and behind every row of the one before. */
export const startOf = (time: RowTime): QueuePosition => positionOf(Math.floor(time), '0')

/** NaN for a dense one. */
export function timeOf(position: QueuePosition): RowTime {
  return isDense(position) ? Number.NaN : Number.parseInt(position.slice(0, 10), 36)
}

export function comparePositions(a: QueuePosition, b: QueuePosition): number {
  const [keyA, keyB] = [keyOf(a), keyOf(b)]
  return keyA < keyB ? -1 : keyA > keyB ? 1 : 0
}

/** The clustering key of a row: as text in the order of positions. */
export function keyOf(position: QueuePosition): string {
  return isDense(position) ? position.padStart(denseDigits, '0') : position
}

export function positionOfKey(key: string): QueuePosition {
  return key.startsWith('0') ? String(Number(key)) : key
}

/** A user's queue is cut into partitions of two hours, and of so many dense positions before the first hour. */
const bucketTime = 2 * 3600 * 1_000_000
const bucketRows = 10_000
const firstDenseBucket = -2_000_000_000

export const bucketAt = (time: RowTime): number => Math.floor(time / bucketTime)

export function bucketOf(position: QueuePosition): number {
  return isDense(position)
    ? firstDenseBucket + Math.min(Math.floor(Number(position) / bucketRows), 1_999_999_999)
    : bucketAt(timeOf(position))
}
