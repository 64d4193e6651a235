import type { UserId } from '@parley/protocol'
import type { QueuePosition } from '../../sync/place.ts'
import type { QueuePage, QueueRow } from '../../sync/sync-queue.ts'
import type { Cql } from './cql.ts'
import { decodePointer } from './pointers.ts'
import { bucketAt, bucketOf, isDense, keyOf, positionOfKey, type RowTime } from './positions.ts'

const selectRows = 'SELECT row, pointer FROM queue WHERE user = ? AND bucket = ? AND row > ? LIMIT ?'
const selectBuckets = 'SELECT bucket FROM queue_buckets WHERE user = ? AND bucket >= ? AND bucket <= ?'
const selectDenseHead = 'SELECT dense_head FROM queue_buckets WHERE user = ? LIMIT 1'

/** Buckets of a long absence that are read at once, where they hold little. */
const mostAtOnce = 8

interface Found {
  position: QueuePosition
  text: string
}

/** Reads a queue over its buckets; those without rows cost nothing but a look at `queue_buckets`. */
export class QueuePages {
  readonly #cql

  constructor(cql: Cql) {
    this.#cql = cql
  }

  /** `latest`: no row lies behind this time. undefined: rows from before the move to Cassandra are gone. */
  async read(user: UserId, after: QueuePosition, latest: RowTime, limit: number): Promise<QueuePage | undefined> {
    const buckets = await this.#buckets(user, bucketOf(after), bucketAt(latest))
    const found: Found[] = []
    let atOnce = 1
    let next = 0
    while (next < buckets.length && found.length < limit) {
      const group = buckets.slice(next, next + atOnce)
      const wanted = limit - found.length
      const pages = await Promise.all(group.map((bucket) => this.#rows(user, bucket, after, wanted)))
      for (const page of pages) {
        if (found.length === limit) break
        found.push(...page.slice(0, limit - found.length))
        next++
      }
      atOnce = pages.flat().length * 2 < wanted ? Math.min(mostAtOnce, 2 * atOnce) : 1
    }
    if (isDense(after) && !(await this.#isUnbroken(user, after, found[0]?.position))) return undefined
    return pageOf(after, found, limit)
  }

  /** A live session looks at one bucket, or at two as the clock turns; all of them may have rows. */
  async #buckets(user: UserId, first: number, last: number): Promise<number[]> {
    if (last <= first) return [first]
    if (last === first + 1) return [first, last]
    const rows = await this.#cql.execute({ query: selectBuckets, params: [user, first, last] })
    return rows.map(({ bucket }) => Number(bucket))
  }

  async #rows(user: UserId, bucket: number, after: QueuePosition, limit: number): Promise<Found[]> {
    const rows = await this.#cql.execute({ query: selectRows, params: [user, bucket, keyOf(after), limit] })
    return rows.map(({ row, pointer }) => ({ position: positionOfKey(String(row)), text: String(pointer) }))
  }

  /** Dense positions have no holes: the first row behind one shows whether something is missing. */
  async #isUnbroken(user: UserId, after: QueuePosition, first: QueuePosition | undefined): Promise<boolean> {
    if (first !== undefined && isDense(first)) return Number(first) === Number(after) + 1
    const [row] = await this.#cql.execute({ query: selectDenseHead, params: [user] })
    const head = row?.dense_head
    return typeof head === 'string' && Number(head) === Number(after)
  }
}

function pageOf(after: QueuePosition, found: readonly Found[], limit: number): QueuePage {
  let before = after
  const rows: QueueRow[] = []
  for (const { position, text } of found) {
    rows.push({ position, before, pointer: decodePointer(text) })
    before = position
  }
  return { rows, next: before, complete: found.length < limit }
}
