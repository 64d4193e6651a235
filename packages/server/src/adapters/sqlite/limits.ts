/** Pages in the write-ahead log from which on it is copied to the data file, so that it begins anew. */
export const copyPages = 16_000

export interface JournalLimits {
  /** A move begins when so many rows of queues wait… */
  rows: number
  /** …or so many seconds after the one before. */
  seconds: number
  /** A move is cut into about so many slices, each part of a commit that happens anyway: no commit waits long for it. */
  slices: number
  /** Rows of the smallest slice. */
  slice: number
}

export const usualJournal: JournalLimits = { rows: 8192, seconds: 2, slices: 64, slice: 64 }
