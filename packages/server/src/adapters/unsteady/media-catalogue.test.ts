import { systemClock } from '../../lib/clock.ts'
import { seededRandom } from '../../lib/seeded-random.ts'
import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { mediaCatalogueRules } from '../../media/media-catalogue.contract.ts'
import { mediaObjectsRules } from '../../media/media-objects.contract.ts'
import { mediaReferencesRules } from '../../media/media-references.contract.ts'
import { MemoryMediaCatalogue } from '../memory/media-catalogue.ts'
import { MemoryMediaObjects } from '../memory/media-objects.ts'
import { MemoryMediaReferences } from '../memory/media-references.ts'
import { MemoryMediaRows } from '../memory/media-rows.ts'
import { Faults } from './faults.ts'
import { unsteady } from './unsteady.ts'

const rates = { turns: 3, refused: 0.08, lost: 0.08, late: 0, died: 0 }

/** Nodes over one catalogue whose answers come late, or never. */
async function open() {
  const rows = new MemoryMediaRows()
  const node = async (seed = 0) => {
    const faults = new Faults(seededRandom(seed), systemClock, rates)
    return {
      catalogue: unsteady(new MemoryMediaCatalogue(rows), faults),
      references: unsteady(new MemoryMediaReferences(rows), faults),
      objects: unsteady(new MemoryMediaObjects(rows), faults),
    }
  }
  return { ...movedTime(), node, close: async () => {} }
}

const options = { runs: 30, exact: false }
describeContract('media catalogue, unsteady', mediaCatalogueRules, open, options)
describeContract('media references, unsteady', mediaReferencesRules, open, options)
describeContract('media objects, unsteady', mediaObjectsRules, open, options)
