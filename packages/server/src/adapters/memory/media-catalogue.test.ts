import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { type BlobNode, blobStoreRules } from '../../media/blob-store.contract.ts'
import { mediaCatalogueRules } from '../../media/media-catalogue.contract.ts'
import { mediaObjectsRules } from '../../media/media-objects.contract.ts'
import { mediaReferencesRules } from '../../media/media-references.contract.ts'
import { MemoryBlobStore } from './blob-store.ts'
import { MemoryMediaCatalogue } from './media-catalogue.ts'
import { MemoryMediaObjects } from './media-objects.ts'
import { MemoryMediaReferences } from './media-references.ts'
import { MemoryMediaRows } from './media-rows.ts'

async function open() {
  const rows = new MemoryMediaRows()
  const node = async () => ({
    catalogue: new MemoryMediaCatalogue(rows),
    references: new MemoryMediaReferences(rows),
    objects: new MemoryMediaObjects(rows),
  })
  return { ...movedTime(), node, close: async () => {} }
}

async function openBlobs() {
  const blobs = new MemoryBlobStore()
  const send: BlobNode['send'] = async (id, _plan, bytes, from, to) => {
    await blobs.append(id, from, bytes.subarray(from, to))
  }
  return { ...movedTime(), node: async () => ({ blobs, send, several: 1000 }), close: async () => {} }
}

const options = { runs: 30, exact: true }
describeContract('media catalogue in memory', mediaCatalogueRules, open, options)
describeContract('media references in memory', mediaReferencesRules, open, options)
describeContract('media objects in memory', mediaObjectsRules, open, options)
describeContract('blob store in memory', blobStoreRules, openBlobs, options)
