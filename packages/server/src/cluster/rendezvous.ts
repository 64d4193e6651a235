/** What may be chosen; of two with the same hash of their own the heavier one is chosen more often, in proportion. */
export interface Candidate {
  id: string
  /** Above 0. */
  weight: number
}

/**
 * Rendezvous hashing (Thaler and Ravishankar 1998), weighted: whoever asks with the same key and candidates chooses the
 * same one, and when one goes only the keys that were its own move.
 */
export function choose<Of extends Candidate>(key: string, candidates: readonly Of[]): Of | undefined {
  let best: Of | undefined
  let highest = Number.NEGATIVE_INFINITY
  for (const candidate of candidates) {
    const score = -candidate.weight / Math.log(uniform(key, candidate.id))
    if (score > highest || (score === highest && best && candidate.id < best.id)) {
      best = candidate
      highest = score
    }
  }
  return best
}

/** FNV-1a with the finalizer of MurmurHash3, as a number between 0 and 1, both excluded. */
function uniform(key: string, id: string): number {
  let hash = mix(mix(0x811c9dc5, key) ^ 0xff, id)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  hash ^= hash >>> 16
  return ((hash >>> 0) + 0.5) / 2 ** 32
}

function mix(hash: number, text: string): number {
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}
