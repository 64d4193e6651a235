import type { Driver } from './driver.ts'

/** Whose majority decides: that of the nearest data centre, or of all. */
export type Reach = 'local' | 'global'

/** As the driver takes them. */
export interface Levels {
  consistency: number
  serialConsistency: number
}

/**
 * With one data centre its majority is everybody's. With several a majority of one of them would let two nodes append
 * the same seq. @throws Error when that is asked for
 */
export function reachOf(asked: Reach | undefined, replication: ReadonlyMap<string, number>): Reach {
  if (asked === 'global') return asked
  const dataCenters = [...replication.keys()]
  if (dataCenters.length <= 1) return 'local'
  if (asked === undefined) return 'global'
  throw new Error(
    `consistency=local is not safe: the keyspace is kept in ${dataCenters.join(' and ')}. Leave it out, or say consistency=global.`,
  )
}

export function levelsOf({ types }: Driver, reach: Reach): Levels {
  const { localQuorum, localSerial, quorum, serial } = types.consistencies
  return reach === 'local'
    ? { consistency: localQuorum, serialConsistency: localSerial }
    : { consistency: quorum, serialConsistency: serial }
}
