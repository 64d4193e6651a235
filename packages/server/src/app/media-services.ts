import { createHmac } from 'node:crypto'
import type { Directory } from '../accounts/directory.ts'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import { ContentCache } from '../gateway/http/content-cache.ts'
import type { UploadEndpoint } from '../gateway/http/media-streams.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import { MediaAccess } from '../media/access.ts'
import { Attachments } from '../media/attachments.ts'
import type { BlobStore } from '../media/blob-store.ts'
import { Carriers } from '../media/carriers.ts'
import { Completion } from '../media/completion.ts'
import type { ImageProcessor } from '../media/image-processor.ts'
import { Links } from '../media/links.ts'
import type { MediaCatalogue } from '../media/media-catalogue.ts'
import type { MediaObjects } from '../media/media-objects.ts'
import { MediaReads } from '../media/media-reads.ts'
import type { MediaReferences } from '../media/media-references.ts'
import { MediaRemover } from '../media/media-remover.ts'
import { MediaSweep } from '../media/media-sweep.ts'
import { Pictures } from '../media/pictures.ts'
import { Scratch } from '../media/scratch.ts'
import { Tiering, type TierPolicy } from '../media/tiering.ts'
import { type MediaLimits, Uploads } from '../media/uploads.ts'

/** What media stand on. */
export interface MediaPorts {
  catalogue: MediaCatalogue
  references: MediaReferences
  objects: MediaObjects
  blobs: BlobStore
  images: ImageProcessor
  /** Where bytes come in through this node; undefined: they go to the store itself. */
  uploads: UploadEndpoint | undefined
  /** A folder for files that are needed for a moment. */
  scratch: string
}

export function createMediaServices(options: {
  ports: MediaPorts
  log: ConversationLog
  states: ConversationStates
  store: ConversationStore
  directory: Directory
  clock: Clock
  logger: Logger
  nextId: () => Promise<string>
  ticketKey: Uint8Array
  limits: MediaLimits
  tiers: TierPolicy
}) {
  const { ports, log, states, store, directory, clock, logger, nextId, limits, tiers: policy } = options
  const { catalogue, references, objects, blobs, images } = ports
  const carriers = new Carriers({ log, states, directory })
  const access = new MediaAccess({ catalogue, references, carriers, states, store })
  const tiering = new Tiering({ objects, references, blobs, policy, clock })
  const cache = new ContentCache(clock)
  const remover = new MediaRemover({ catalogue, objects, blobs, removed: (key) => cache.drop(key) })
  const attachments = new Attachments({ access, remover, references, carriers, clock, logger })
  const reads = new MediaReads({ objects, blobs, clock, logger })
  // One secret of the service, another key for every use of it.
  const key = createHmac('sha256', options.ticketKey).update('media links').digest()
  return {
    attachments,
    reads,
    blobs,
    cache,
    endpoint: ports.uploads,
    uploads: new Uploads({ catalogue, blobs, limits, clock, nextId }),
    completion: new Completion({ catalogue, objects, blobs, images, scratch: new Scratch(ports.scratch), clock }),
    links: new Links({ access, blobs, reads, clock, key }),
    pictures: new Pictures({ attachments, directory, states }),
    sweep: new MediaSweep({ catalogue, references, attachments, remover, clock, tiering }),
    tiering,
  }
}

export type MediaServices = ReturnType<typeof createMediaServices>
