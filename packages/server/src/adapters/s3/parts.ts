/** What S3 takes as the least size of a part that is not the last one. */
const leastPart = 5 * 1024 * 1024
/** As many as one answer of S3 lists. */
const mostParts = 1_000

export interface PartPlace {
  /** From 1. */
  number: number
  from: number
  size: number
}

/** How an upload is cut: follows from its size alone, so that every node cuts it the same. */
export function partsOf(size: number): PartPlace[] {
  const partSize = Math.max(leastPart, Math.ceil(size / mostParts))
  const count = Math.max(1, Math.ceil(size / partSize))
  return Array.from({ length: count }, (_, index) => {
    const from = index * partSize
    return { number: index + 1, from, size: Math.min(partSize, size - from) }
  })
}
