import type { MediaId } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'
import type { BlobStore } from '../media/blob-store.ts'
import type { MediaCatalogue } from '../media/media-catalogue.ts'
import type { MediaExport, MovedMedia } from '../media/media-move.ts'
import type { MediaObjects } from '../media/media-objects.ts'
import type { MediaReference, MediaReferences } from '../media/media-references.ts'
import { Comparison, type Move } from './move.ts'

const page = 500

interface MediaTarget {
  catalogue: MediaCatalogue
  references: MediaReferences
  objects: MediaObjects
  blobs: BlobStore
}

/**
 * Media with their bytes and what refers to them. Bytes of an upload that is under way are not brought along: its client
 * is told that none are there, and sends them again.
 */
export class MediaMove implements Move {
  readonly kind = 'media'
  readonly keysAre = 'media'
  readonly #source
  readonly #target
  readonly #now

  constructor(source: MediaExport, target: MediaTarget, now: () => number) {
    this.#source = source
    this.#target = target
    this.#now = now
  }

  page(after: string | undefined, limit: number): Promise<KeyPage> {
    return this.#source.pageOfMedia(after, limit)
  }

  async copy(ids: readonly MediaId[]): Promise<number> {
    const found = new Map((await this.#source.media(ids)).map((one) => [one.record.id, one]))
    for (const id of ids) {
      const moved = found.get(id)
      if (moved) await this.#put(moved)
      else await this.#remove(id)
    }
    return found.size
  }

  async compare(ids: readonly MediaId[]): Promise<Map<string, Comparison>> {
    const comparisons = new Map(ids.map((id) => [id, new Comparison()]))
    for (const { record, references } of await this.#source.media(ids)) {
      const comparison = comparisons.get(record.id)
      comparison?.source.add(record)
      for (const one of references) comparison?.source.add(told(one))
    }
    for (const [id, { target }] of comparisons) {
      const record = await this.#target.catalogue.find(id)
      if (!record || record.state === 'leaving') continue
      target.add(record)
      for (const one of await this.#references(id)) target.add(told(one))
    }
    return comparisons
  }

  async #put({ record, completeAt, references }: MovedMedia): Promise<void> {
    const { state, id, ...announced } = record
    const { catalogue, references: carriers } = this.#target
    await catalogue.create({ ...withoutFacts(announced), id }, Number.MAX_SAFE_INTEGER)
    if (record.state !== 'complete') return
    for (const { key, size } of Object.values(record.facts.variants)) await this.#putBytes(key, size, id)
    await catalogue.complete(id, record.facts, completeAt)
    for (const reference of references) {
      if (reference.checkAt === undefined) await carriers.settle(reference)
      else await carriers.refer({ ...reference, checkAt: reference.checkAt })
    }
    const names = new Set(references.map(({ by }) => by))
    for (const { by } of await this.#references(id)) if (!names.has(by)) await carriers.drop(id, by)
  }

  /** Noted before they are stored, as when they came first. Those that are there are not brought again. */
  async #putBytes(key: string, size: number, media: MediaId): Promise<void> {
    const { objects, blobs } = this.#target
    const known = await objects.find(key)
    await objects.claim({ key, size }, media, this.#now())
    if (known && (await isThere(blobs, key))) return
    await blobs.put(key, await this.#source.bytes(key), size)
  }

  async #remove(id: MediaId): Promise<void> {
    const { catalogue, references, objects } = this.#target
    if (!(await catalogue.find(id))) return
    for (const { by } of await this.#references(id)) await references.drop(id, by)
    if (!(await catalogue.condemn(id))) return
    await objects.release(id)
    await catalogue.forget(id)
  }

  async #references(id: MediaId): Promise<MediaReference[]> {
    const all: MediaReference[] = []
    for (let after = ''; ; ) {
      const some = await this.#target.references.of(id, after, page)
      all.push(...some)
      if (some.length < page) return all
      after = some.at(-1)?.by ?? after
    }
  }
}

/** When it is looked at again may differ. */
const told = ({ media, by, conversation, seq }: MediaReference) => ({ media, by, conversation, seq })

function withoutFacts<Announced extends object>(announced: Announced): Omit<Announced, 'facts'> {
  const { facts: _, ...rest } = announced as Announced & { facts?: unknown }
  return rest
}

async function isThere(blobs: BlobStore, key: string): Promise<boolean> {
  try {
    return (await blobs.restore(key)).state === 'ready'
  } catch {
    return false
  }
}
