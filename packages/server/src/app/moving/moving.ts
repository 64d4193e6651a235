import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Random } from '../../lib/random.ts'
import type { Platform } from '../platform.ts'
import type { Services } from '../services.ts'
import { openControl } from './control.ts'
import { HandOver } from './hand-over.ts'
import { Opening } from './opening.ts'

/** A node's part when data is moved: away from its folder, or into the stores it stands on. */
export interface Moving {
  /** Asked before any route; true: who came has been answered, or will be. */
  ahead?: (request: IncomingMessage, response: ServerResponse) => false | Promise<boolean>
  aheadOfSocket(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Why nobody is served; undefined: everybody is. */
  trouble(): string | undefined
  /** From now on it may be steered. `serve` is called once there is something to serve from. */
  start(serve: () => void): Promise<void>
  stop(): Promise<void>
}

interface World {
  clock: Clock
  random: Random
  logger: Logger
}

export async function createMoving({ folder, marks }: Platform, services: Services, world: World): Promise<Moving> {
  if (folder) {
    const { gateway, hub, longPoll, write: flush } = services
    return away(folder.path, new HandOver({ folder, gateway, hub, longPoll, flush, ...world }), world.random)
  }
  if (!marks) return none
  const opening = new Opening(marks, world.clock, world.logger)
  await opening.look()
  return {
    ahead: (request, response) => opening.ahead(request, response),
    aheadOfSocket: (_request, socket) => opening.aheadOfSocket(socket),
    trouble: () => opening.trouble,
    start: async (serve) => opening.whenOpen(serve),
    stop: async () => opening.stop(),
  }
}

const none: Moving = {
  aheadOfSocket: () => false,
  trouble: () => undefined,
  start: async (serve) => serve(),
  stop: async () => {},
}

function away(folder: string, handOver: HandOver, random: Random): Moving {
  let control: Awaited<ReturnType<typeof openControl>> | undefined
  return {
    ahead: (request, response) => handOver.ahead(request, response),
    aheadOfSocket: (request, socket, head) => handOver.aheadOfSocket(request, socket, head),
    trouble: () => undefined,
    start: async (serve) => {
      serve()
      control = await openControl(folder, handOver, random)
    },
    stop: async () => {
      handOver.stop()
      await control?.close()
    },
  }
}
