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

/** Who meets everybody before routes and sessions do. */
export interface DoorKeeper {
  ahead(request: IncomingMessage, response: ServerResponse): false | Promise<boolean>
  aheadOfSocket(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
}

/** A node's part when data is moved: away from its folder, or into the stores it stands on. */
export interface Moving {
  keeper: DoorKeeper | undefined
  /** Why nobody is served; undefined: everybody is. */
  trouble(): string | undefined
  /** From now on it may be steered. `serve` is called once there is something to serve from. */
  start(serve: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

const nothing: Moving = { keeper: undefined, trouble: () => undefined, start: (serve) => serve(), stop: async () => {} }

export async function createMoving(
  { folder, marks }: Platform,
  services: Services,
  { clock, random, logger }: { clock: Clock; random: Random; logger: Logger },
): Promise<Moving> {
  if (folder) {
    const { gateway, hub, write } = services
    const handOver = new HandOver({ folder, gateway, hub, flush: write, clock, random, logger })
    let control: Awaited<ReturnType<typeof openControl>> | undefined
    return {
      keeper: handOver,
      trouble: () => undefined,
      start: async (serve) => {
        control = await openControl(folder.path, handOver, random)
        await serve()
      },
      stop: async () => {
        handOver.stop()
        await control?.close()
      },
    }
  }
  if (!marks) return nothing
  const opening = new Opening(marks, clock, logger)
  await opening.look()
  return {
    keeper: opening,
    trouble: () => opening.trouble,
    start: async (serve) => {
      if (opening.trouble !== undefined) await services.cluster?.withdraw(true)
      await services.cluster?.start()
      await opening.whenOpen(async () => {
        await services.cluster?.withdraw(false)
        await serve()
      })
    },
    stop: async () => opening.stop(),
  }
}
