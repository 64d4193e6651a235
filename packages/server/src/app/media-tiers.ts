import { systemClock } from '../lib/clock.ts'
import { systemRandom } from '../lib/random.ts'
import { Tiering, type TierPolicy } from '../media/tiering.ts'
import { createLogger } from './logging.ts'
import type { Settings } from './options.ts'
import { openPlatform } from './platform.ts'

const daysOf = (days: number): number | undefined => (days === 0 ? undefined : days)

export function tiersOf({
  mediaColdAfter,
  mediaColdConversations,
}: Pick<Settings, 'mediaColdAfter' | 'mediaColdConversations'>): TierPolicy {
  const conversations = mediaColdConversations.map((text): [string, number | undefined] => {
    const [conversation = '', days = '0'] = text.split('=')
    return [conversation, daysOf(Number(days))]
  })
  return { days: daysOf(mediaColdAfter), conversations: new Map(conversations) }
}

export interface TierReport {
  objects: number
  /** Bytes that leave the hot tier. */
  bytes: number
  /** Bytes that they take in the cold one; undefined: nothing was moved. */
  stored: number | undefined
}

/**
 * Moves everything that is due to the cold tier, or only counts it, where no server runs on the data folder (or on the
 * engines of a cluster at any time). @throws FolderInUseError when one does
 */
export async function tierMedia(settings: Settings, { dryRun }: { dryRun: boolean }): Promise<TierReport> {
  const clock = systemClock
  const logger = createLogger(settings.logLevel)
  const platform = await openPlatform(settings, {
    clock,
    random: systemRandom,
    logger,
    crashAt: {},
    onBroken: (reason) => {
      throw new Error(`the data file cannot be written: ${reason}`)
    },
  })
  try {
    const { media } = platform.ports
    if (!media) throw new Error('This server has no media.')
    const tiering = new Tiering({ ...media, policy: tiersOf(settings), clock })
    if (!dryRun) return await tiering.run(Number.POSITIVE_INFINITY)
    const report = { objects: 0, bytes: 0, stored: undefined }
    for await (const { size } of tiering.due()) {
      report.objects++
      report.bytes += size
    }
    return report
  } finally {
    await platform.close()
  }
}
