/** What a notifier counts; plain numbers. */
export interface PushCounts {
  shown: number
  withdrawn: number
  /** Nothing was sent, by why. */
  spared: Map<string, number>
  /** Tries that failed, by what the provider said. */
  failed: Map<string, number>
  /** Registrations that providers called dead. */
  gone: number
}

export const newPushCounts = (): PushCounts => ({
  shown: 0,
  withdrawn: 0,
  spared: new Map(),
  failed: new Map(),
  gone: 0,
})

/** Reasons come from outside: beyond so many different ones they are all one. */
const reasonsAllowed = 50

export function countReason(counts: Map<string, number>, reason: string): void {
  const known = counts.has(reason) || counts.size < reasonsAllowed ? reason : 'other'
  counts.set(known, (counts.get(known) ?? 0) + 1)
}
