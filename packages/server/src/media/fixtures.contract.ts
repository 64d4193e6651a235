import { expect } from 'vitest'
import { retry, unique } from '../lib/stores.contract.ts'
import type { MediaCatalogue } from './media-catalogue.ts'
import type { MediaObjects } from './media-objects.ts'
import type { AnnouncedMedia, MediaFacts } from './media-record.ts'
import type { MediaReference, MediaReferences } from './media-references.ts'

/** The catalogue of media as one node has it. */
export interface MediaNode {
  catalogue: MediaCatalogue
  references: MediaReferences
  objects: MediaObjects
}

export const plenty = 1_000_000

const hex = (digit: string): string => digit.repeat(64)

export function announced(owner: string, changes: Partial<AnnouncedMedia> = {}): AnnouncedMedia {
  const id = unique('m')
  return { id, owner, size: 1000, type: 'image/png', sha256: hex('a'), name: undefined, createdAt: 500, ...changes }
}

export const facts: MediaFacts = {
  type: 'image/png',
  size: 900,
  width: 40,
  height: 30,
  thumbhash: 'YTkGJwaRhWUIt4lbgnhZl3ath2BUBGYA',
  variants: {
    original: { key: hex('b'), size: 900, type: 'image/png' },
    thumb: { key: hex('c'), size: 90, type: 'image/webp' },
  },
}

/** One that is complete since `at`. */
export async function completed(node: MediaNode, owner: string, at = 600): Promise<AnnouncedMedia> {
  const media = announced(owner)
  await retry(() => node.catalogue.create(media, plenty))
  expect(await retry(() => node.catalogue.complete(media.id, facts, at))).toBe(true)
  return media
}

type NewReference = MediaReference & { checkAt: number }

export function reference(media: string, changes: Partial<NewReference> = {}): NewReference {
  const conversation = unique('c')
  return { media, by: `m:${conversation}`, conversation, seq: undefined, checkAt: 1000, ...changes }
}
