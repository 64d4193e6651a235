/** What a node counts; plain numbers, so that counting costs nothing. */
export interface NodeCounts {
  entries: number
  batches: number
  places: number
}

export const newCounts = (): NodeCounts => ({ entries: 0, batches: 0, places: 0 })
