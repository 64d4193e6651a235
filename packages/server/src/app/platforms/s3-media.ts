import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SharpImageProcessor } from '../../adapters/sharp/image-processor.ts'
import type { Clock } from '../../lib/clock.ts'
import type { MediaPorts } from '../media-services.ts'

type Stores = Pick<MediaPorts, 'catalogue' | 'references' | 'objects' | 'blobs'>

/** Media whose bytes clients bring to the store and get there themselves. Only what is looked at comes here, for a moment. */
export async function openS3Media(
  { catalogue, references, objects, blobs }: Stores,
  clock: Clock,
): Promise<{ ports: MediaPorts; close(): Promise<void> }> {
  const scratch = await mkdtemp(join(tmpdir(), 'parley-media-'))
  const images = new SharpImageProcessor(clock, scratch)
  return {
    ports: { catalogue, references, objects, blobs, images, uploads: undefined, scratch },
    close: async () => {
      images.close()
      await rm(scratch, { recursive: true, force: true })
    },
  }
}
