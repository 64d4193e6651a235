import { type ClusterMishap, clusterMishaps, somethingGoesWrongIn, troubleIn } from './cluster/cluster-mishaps.ts'
import { noTrouble } from './disk-ports.ts'
import { calm } from './network.ts'
import { allowedSkew } from './sim-node.ts'
import { lateness } from './store-set.ts'
import type { World } from './world.ts'

/** What goes wrong, and how often for each other. */
const mishaps = {
  break: 20,
  silence: 4,
  crash: 12,
  stop: 3,
  restoreBackup: 2,
  trim: 4,
  nodeClock: 4,
  deviceClock: 3,
  kill: 8,
  close: 6,
  disk: 8,
  weather: 8,
} as const
export type Mishap = keyof typeof mishaps

export function somethingGoesWrong(world: World): void {
  const { chance, cluster } = world
  if (!cluster) return happen(world, chance.weighted(mishaps))
  const mishap = chance.weighted({ ...mishaps, ...clusterMishaps })
  if (mishap in clusterMishaps) somethingGoesWrongIn(cluster, world, mishap as ClusterMishap)
  else happen(world, mishap as Mishap)
}

function happen(world: World, mishap: Mishap): void {
  const { chance, time, network, nodes, devices } = world
  const node = chance.pick(nodes)!
  const device = chance.pick(devices)!
  switch (mishap) {
    case 'break':
      chance.pick(network.links)?.break()
      break
    case 'silence':
      chance.pick(network.links)?.silence()
      break
    case 'crash':
      node.crash(chance.is(0.7))
      if (nodes.length === 1) world.disk.restore()
      if (chance.is(0.3)) node.jump(world.cluster ? -node.skew : chance.between(-4000, 0))
      time.after(chance.is(0.5) ? chance.between(5, 500) : chance.between(5, 6000), () => node.start())
      break
    case 'stop':
      void node.stop()
      time.after(chance.between(1000, 6000), () => node.start())
      break
    case 'restoreBackup':
      // Another epoch: no device may trust its cursor (rule Y4).
      for (const one of nodes) one.crash(true)
      if (nodes.length === 1) world.disk.restore()
      world.epoch++
      time.after(chance.between(5, 3000), () => {
        for (const one of nodes) one.start()
      })
      break
    case 'trim':
      // As after 30 days: whoever is behind begins anew.
      void world.disk.write({ port: 'queue', method: 'trim', args: [oldest(world), 1e9], at: 0 })
      break
    case 'nodeClock':
      if (world.cluster) node.jump(chance.between(-allowedSkew, allowedSkew) - node.skew)
      else node.jump(chance.is(0.5) ? chance.between(-3000, 0) : chance.between(0, 20_000))
      break
    case 'deviceClock':
      device.jump(chance.between(-3_600_000, 3_600_000))
      break
    case 'kill':
      device.kill()
      time.after(chance.between(5, 8000), () => void device.start())
      break
    case 'close':
      void device.close()
      time.after(chance.between(100, 20_000), () => void device.start())
      break
    case 'disk':
      world.trouble = troubleIn(world)
      time.after(chance.between(200, 6000), () => {
        world.trouble = noTrouble
      })
      break
    case 'weather':
      network.weather = {
        delay: chance.between(5, 400),
        lost: chance.between(0, 0.3),
        repeated: chance.between(0, 0.3),
      }
      time.after(chance.between(500, 8000), () => {
        network.weather = calm
      })
      break
    default:
      mishap satisfies never
  }
}

/** Rows before this are trimmed, ms. Of late queues never those that live sessions still read over. */
function oldest({ cluster, time }: World): number {
  return cluster ? time.machine().now() - 3 * lateness : Number.MAX_SAFE_INTEGER
}

/** From now on everything works. */
export function allIsWell(world: World): void {
  world.trouble = noTrouble
  world.network.weather = calm
  for (const node of world.nodes) node.start()
}
