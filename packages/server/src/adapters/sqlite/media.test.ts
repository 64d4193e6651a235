import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../lib/clock.ts'
import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { mediaCatalogueRules } from '../../media/media-catalogue.contract.ts'
import { mediaObjectsRules } from '../../media/media-objects.contract.ts'
import { mediaReferencesRules } from '../../media/media-references.contract.ts'
import { SqliteMediaCatalogue } from './media-catalogue.ts'
import { SqliteMediaObjects } from './media-objects.ts'
import { SqliteMediaReferences } from './media-references.ts'
import { SqliteStore } from './store.ts'

async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'parley-media-'))
  const store = await SqliteStore.open({
    file: join(folder, 'parley.db'),
    clock: systemClock,
    gather: 0,
    onBroken: (reason) => {
      throw new Error(reason)
    },
  })
  const node = async () => ({
    catalogue: new SqliteMediaCatalogue(store),
    references: new SqliteMediaReferences(store),
    objects: new SqliteMediaObjects(store),
  })
  const close = async () => {
    await store.close()
    await rm(folder, { recursive: true })
  }
  return { ...movedTime(), node, close }
}

const options = { runs: 30, exact: true }
describeContract('media catalogue in SQLite', mediaCatalogueRules, open, options)
describeContract('media references in SQLite', mediaReferencesRules, open, options)
describeContract('media objects in SQLite', mediaObjectsRules, open, options)
