import type { ClusterOptions } from '../../../server/src/app/cluster.ts'
import type { Ports } from '../../../server/src/app/services.ts'
import type { Chance } from './chance.ts'
import type { Disk } from './disk.ts'
import { DiskProcess, type DiskTrouble } from './disk-ports.ts'
import type { MachineClock } from './sim-time.ts'

/** One life of a process on a machine. */
export interface Life {
  id: string
  worker: number
  url: string
  clock: MachineClock
  chance: Chance
}

/** What a process stands on. */
export interface Footing {
  ports: Ports
  /** undefined: it is alone. */
  cluster?: ClusterOptions
}

export const unlimited: Ports['limiter'] = { take: () => 0 }

/** The only node, over its own disk. */
export function standAlone(
  { worker, clock, chance }: Life,
  { disk, trouble, hasty }: { disk: Disk; trouble: () => DiskTrouble; hasty: boolean },
): Footing {
  const process = new DiskProcess(disk, { clock, chance, trouble, hasty })
  const floor = disk.ceilings.get(worker) ?? 0
  const ports: Ports = {
    ...process.ports(),
    limiter: unlimited,
    lease: {
      worker,
      reserve: 3000,
      floor: () => floor,
      ceiling: () => disk.ceilings.get(worker) ?? 0,
      raise: (ceiling) => process.reserve(worker, ceiling),
      held: () => true,
    },
  }
  return { ports }
}
