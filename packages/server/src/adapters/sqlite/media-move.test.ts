import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { keyOf } from '../../media/blob-store.contract.ts'
import { announced, facts, plenty, reference } from '../../media/fixtures.contract.ts'
import { MediaMove } from '../../migration/media-move.ts'
import { MemoryBlobStore } from '../memory/blob-store.ts'
import { MemoryMediaCatalogue } from '../memory/media-catalogue.ts'
import { MemoryMediaObjects } from '../memory/media-objects.ts'
import { MemoryMediaReferences } from '../memory/media-references.ts'
import { MemoryMediaRows } from '../memory/media-rows.ts'
import { openForReading } from './connection.ts'
import { SqliteMediaCatalogue } from './media-catalogue.ts'
import { SqliteMediaExport } from './media-move.ts'
import { SqliteMediaReferences } from './media-references.ts'
import { SqliteStore } from './store.ts'

it('media move with their bytes and references; what changes and goes meanwhile is brought, or gone, the next time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-media-move-'))
  const file = join(folder, 'parley.db')
  const onBroken = (reason: string): never => {
    throw new Error(reason)
  }
  const store = await SqliteStore.open({ file, clock: systemClock, gather: 0, onBroken })
  const database = openForReading(file)
  try {
    const source = { catalogue: new SqliteMediaCatalogue(store), references: new SqliteMediaReferences(store) }
    const words = new Map(['one', 'two'].map((word) => [keyOf(Buffer.from(word)), word]))
    const bytes = async (key: string) => Readable.from([Buffer.from(words.get(key) ?? '')])
    const rows = new MemoryMediaRows()
    const target = {
      catalogue: new MemoryMediaCatalogue(rows),
      references: new MemoryMediaReferences(rows),
      objects: new MemoryMediaObjects(rows),
      blobs: new MemoryBlobStore(),
    }
    const move = new MediaMove(new SqliteMediaExport(database, bytes), target, () => 1)
    const complete = async (word: string) => {
      const media = announced('ann')
      await source.catalogue.create(media, plenty)
      const original = { key: keyOf(Buffer.from(word)), size: word.length, type: 'text/plain' }
      await source.catalogue.complete(media.id, { ...facts, variants: { original } }, 5)
      return media.id
    }
    const [a, b] = [await complete('one'), await complete('two')]
    const unfinished = announced('ann')
    await source.catalogue.create(unfinished, plenty)
    const [settled, pending] = [
      reference(a, { by: 'message:c:ann:1', seq: 3 }),
      reference(a, { by: 'message:c:ann:2' }),
    ]
    await source.references.settle(settled)
    await source.references.refer(pending)
    const ids = [a, b, unfinished.id]
    const likeness = async () => [...(await move.compare(ids)).values()].map((one) => one.likeness)
    expect((await move.page(undefined, 10)).keys).toEqual([...ids].sort())
    expect(await likeness()).toEqual(['different', 'different', 'different'])
    for (let n = 0; n < 2; n++) await move.copy(ids)
    expect(await likeness()).toEqual(['equal', 'equal', 'equal'])
    for (const [key, word] of words) expect(await text(await target.blobs.read({ key }))).toBe(word)
    expect(await target.catalogue.find(unfinished.id)).toMatchObject({ state: 'uploading' })
    // Meanwhile one message is settled, another deleted, and media go.
    await source.references.settle({ ...pending, seq: 4 })
    await source.references.drop(a, settled.by)
    await source.catalogue.condemn(b)
    await source.catalogue.forget(b)
    expect(await likeness()).toEqual(['different', 'different', 'equal'])
    await move.copy(ids)
    expect(await likeness()).toEqual(['equal', 'equal', 'equal'])
    expect(await target.references.of(a, '', 9)).toEqual([{ ...pending, seq: 4, checkAt: undefined }])
    expect(await target.catalogue.find(b)).toBeUndefined()
    expect((await target.objects.unused(9)).map(({ key }) => words.get(key))).toEqual(['two'])
  } finally {
    database.close()
    await store.close()
    await rm(folder, { recursive: true })
  }
})
