import { rmSync } from 'node:fs'
import { DiskBlobStore } from '../../adapters/disk/blob-store.ts'
import { SharpImageProcessor } from '../../adapters/sharp/image-processor.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { MediaPorts } from '../media-services.ts'

/** Media whose bytes are in a folder. */
export function openDiskMedia(
  root: string,
  clock: Clock,
  random: Random,
): { ports: Pick<MediaPorts, 'blobs' | 'images' | 'uploads' | 'scratch'>; close(): Promise<void> } {
  // What a process that ended was in the middle of.
  rmSync(`${root}/scratch`, { recursive: true, force: true })
  const blobs = new DiskBlobStore(root, random)
  const { scratch } = blobs.folders
  const images = new SharpImageProcessor(clock, scratch)
  return {
    ports: { blobs, images, uploads: blobs.uploads, scratch },
    close: async () => {
      images.close()
      await blobs.close()
    },
  }
}
