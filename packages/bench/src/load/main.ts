import type { LoadCommand, LoadReply } from './commands.ts'
import { PairsLoad } from './pairs.ts'
import { runSlot, type SlotDriver } from './slot.ts'

/** The load generator: a process of its own on a core of its own, told over IPC what to do. */
let driver: (SlotDriver & { close(): void }) | undefined

async function obey(command: LoadCommand): Promise<LoadReply> {
  switch (command.do) {
    case 'pairs':
      driver = await PairsLoad.open(command.endpoint, command.plan)
      return { ok: true }
    case 'slot':
      if (!driver) throw new Error('a slot before its load was opened')
      return { ok: true, slot: await runSlot(driver, command.spec, command.serverPid) }
    case 'close':
      driver?.close()
      driver = undefined
      return { ok: true }
  }
}

process.on('message', (command: LoadCommand) => {
  obey(command)
    .catch(
      (error: unknown): LoadReply => ({ ok: false, reason: error instanceof Error ? error.message : String(error) }),
    )
    .then((reply) => process.send?.(reply))
})
process.on('disconnect', () => process.exit())
