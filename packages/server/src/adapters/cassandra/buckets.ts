/**
 * A conversation's log is cut into partitions of about `size` entries. A batch lies whole in the bucket of its first
 * entry, so a bucket may end a little late: no later than `widest` entries. Once its head has reached the border nobody
 * appends to it any more, as whoever knows that head goes to the next one.
 */
export class Buckets {
  readonly size
  /** Entries in one batch at most. */
  readonly widest

  constructor(size = 10_000, widest = Math.min(size, 1_000)) {
    this.size = size
    this.widest = widest
  }

  /** Where the batch behind a head goes. */
  behind(head: number): number {
    return Math.floor(head / this.size)
  }

  /** The first bucket that an entry may lie in. */
  lowest(seq: number): number {
    return Math.floor(Math.max(0, seq - this.widest) / this.size)
  }

  /** The last bucket that an entry may lie in. */
  highest(seq: number): number {
    return Math.floor(Math.max(0, seq - 1) / this.size)
  }

  isFull(bucket: number, head: number): boolean {
    return head >= (bucket + 1) * this.size
  }
}
