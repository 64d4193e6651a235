import { noTrouble } from './disk-ports.ts'
import { calm } from './network.ts'
import type { World } from './world.ts'

/** What goes wrong, and how often for each other. */
const mishaps = {
  break: 20,
  silence: 4,
  crash: 7,
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

/** What goes wrong between nodes besides. */
const linkMishaps = { ...mishaps, cut: 12, lose: 8, slow: 12 } as const

export function somethingGoesWrong(world: World): void {
  const { chance, cluster } = world
  const mishap = cluster ? chance.weighted(linkMishaps) : chance.weighted(mishaps)
  if (mishap === 'cut') cluster?.cut(chance)
  else if (mishap === 'lose') cluster?.lose(chance)
  else if (mishap === 'slow') cluster?.slow(chance)
  else happen(world, mishap)
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
      if (chance.is(0.3)) node.jump(chance.between(-4000, 0))
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
      void world.disk.write({ port: 'queue', method: 'trim', args: [Number.MAX_SAFE_INTEGER, 1e9], at: 0 })
      break
    case 'nodeClock':
      node.jump(chance.is(0.5) ? chance.between(-3000, 0) : chance.between(0, 20_000))
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
      world.trouble = {
        refused: chance.is(0.2) ? 1 : chance.between(0, 0.2),
        lost: chance.between(0, 0.2),
        late: chance.between(0, 0.2),
        slow: chance.between(0, 0.3),
      }
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

/** From now on everything works. */
export function allIsWell(world: World): void {
  world.trouble = noTrouble
  world.network.weather = calm
  for (const node of world.nodes) node.start()
}
