import type { DiskTrouble } from '../disk-ports.ts'
import { pendingOf } from '../sim-device.ts'
import { allowedSkew } from '../sim-node.ts'
import type { World } from '../world.ts'
import type { Place, SimCluster } from './sim-cluster.ts'

/** What goes wrong between and behind several nodes besides, and how often for each other. */
export const clusterMishaps = {
  cut: 10,
  lose: 8,
  slow: 8,
  pause: 8,
  expire: 5,
  forgetSessions: 3,
  outage: 10,
  powerCut: 4,
  badClock: 3,
  neverBack: 6,
} as const
export type ClusterMishap = keyof typeof clusterMishaps

/** What stands and falls together. */
const engines: readonly (readonly Place[])[] = [
  ['log', 'queue', 'rows', 'lanes', 'conversations', 'receipts'],
  ['accounts', 'devices', 'blocks', 'revocations', 'search'],
  ['presence', 'sessions'],
]

export function somethingGoesWrongIn(cluster: SimCluster, world: World, mishap: ClusterMishap): void {
  const { chance, time, nodes } = world
  const node = chance.pick(nodes)!
  switch (mishap) {
    case 'cut': {
      const [a, b] = [node.id, chance.pick(nodes)!.id]
      if (a && b && a !== b) cluster.cut(a, b, chance.between(50, 6000))
      break
    }
    case 'lose':
      cluster.lost = chance.between(0.05, 0.6)
      time.after(chance.between(200, 5000), () => {
        cluster.lost = 0
      })
      break
    case 'slow':
      cluster.slowTo(chance.between(20, 400), chance.between(500, 6000))
      break
    case 'pause':
      node.pause(chance.is(0.5) ? chance.between(20, 2000) : chance.between(2000, 20_000))
      break
    case 'expire':
      if (node.id) cluster.expire(node.id)
      break
    case 'forgetSessions':
      cluster.forgetSessions()
      break
    case 'outage': {
      const rates = troubleIn(world)
      const worker = chance.is(0.5) ? node.worker : undefined
      cluster.outage = { rates, places: new Set(chance.pick(engines)!), worker }
      time.after(chance.between(200, 6000), () => {
        cluster.outage = undefined
      })
      break
    }
    case 'powerCut':
      cluster.engine.powerCut()
      break
    case 'badClock': {
      // Beyond what is allowed, until somebody sets it right.
      node.jump((chance.is(0.5) ? 1 : -1) * chance.between(2 * allowedSkew, 60_000) - node.skew)
      time.after(chance.between(500, 8000), () => node.jump(chance.between(-allowedSkew, allowedSkew) - node.skew))
      break
    }
    case 'neverBack':
      loseDevice(world)
      break
    default:
      mishap satisfies never
  }
}

export function troubleIn({ chance }: World): DiskTrouble {
  return {
    refused: chance.is(0.2) ? 1 : chance.between(0, 0.2),
    lost: chance.between(0, 0.2),
    late: chance.between(0, 0.2),
    slow: chance.between(0, 0.3),
  }
}

/** A device is gone for ever, best with something on its way, and a node with it. */
function loseDevice(world: World): void {
  const { chance, time, devices, nodes } = world
  const sparable = devices.filter(({ user }) => devices.filter((other) => other.user === user).length > 1)
  const busy = sparable.filter((device) => pendingOf(device) > 0)
  const device = chance.pick(busy) ?? chance.pick(sparable)
  if (!device) return
  device.kill()
  devices.splice(devices.indexOf(device), 1)
  // What only it knew is nobody's any more.
  world.history.add({ type: 'reset', user: device.user, device: device.device })
  for (const node of nodes) {
    if (!chance.is(0.4)) continue
    node.crash(chance.is(0.5))
    time.after(chance.between(100, 5000), () => node.start())
  }
}
