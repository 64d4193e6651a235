import type { Media } from '@parley/protocol'
import type { MediaFacts, MediaRecord } from './media-record.ts'

export type CompleteMedia = MediaRecord & { state: 'complete' }

/** What members are told of it (rule C7). */
export function viewOf({ id, name, facts }: { id: string; name: string | undefined; facts: MediaFacts }): Media {
  const { type, size, width, height, duration, thumbhash, waveform } = facts
  return {
    id,
    type,
    size,
    ...(name === undefined ? {} : { name }),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(duration === undefined ? {} : { duration }),
    ...(thumbhash === undefined ? {} : { thumbhash }),
    ...(waveform === undefined ? {} : { waveform }),
  }
}
