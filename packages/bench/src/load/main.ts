import { CatchUpLoad } from './catch-up.ts'
import type { LoadAnswers, LoadCommand, LoadReply } from './commands.ts'
import { GroupLoad } from './group.ts'
import { IdleLoad } from './idle.ts'
import { readPages } from './pages.ts'
import { PairsLoad } from './pairs.ts'
import { fill, runSlot } from './slot.ts'
import { StormLoad } from './storm.ts'

/** The load generator: a process of its own on a core of its own, told over IPC what to do. */
type Load = PairsLoad | GroupLoad | IdleLoad | StormLoad | CatchUpLoad

let load: Load | undefined

/** The load that was opened, when it is of the kind that the command is for. */
function opened<T extends Load>(...kinds: (abstract new (...args: never[]) => T)[]): T {
  for (const kind of kinds) if (load instanceof kind) return load
  throw new Error('the load that this needs was not opened')
}

async function obey(command: LoadCommand): Promise<LoadAnswers[keyof LoadAnswers]> {
  switch (command.do) {
    case 'pairs':
      load = await PairsLoad.open(command.endpoint, command.plan)
      return null
    case 'group':
      load = await GroupLoad.open(command.endpoint, command.plan)
      return null
    case 'idle':
      load = new IdleLoad(command.endpoint, command.tokens, command.heartbeat)
      return null
    case 'storm': {
      const storm = new StormLoad(command.endpoint, command.plan, command.held)
      load = storm
      await storm.fill()
      return null
    }
    case 'catchUp': {
      const catchUp = new CatchUpLoad(command.endpoint, command.plan)
      load = catchUp
      await catchUp.begin()
      return null
    }
    case 'slot':
      return runSlot(opened<PairsLoad | GroupLoad>(PairsLoad, GroupLoad), command.spec, command.measured)
    case 'fill':
      await fill(opened(PairsLoad), command.messages)
      return null
    case 'grow':
      await opened(IdleLoad).grow(command.connections)
      return null
    case 'recover':
      return opened(StormLoad).recover(command.killedAt)
    case 'round':
      return opened(CatchUpLoad).round(command.messages, command.serverPid)
    case 'pages':
      return readPages(command.endpoint, command.plan)
    case 'close':
      if (load && 'close' in load) load.close()
      load = undefined
      return null
  }
}

process.on('message', (command: LoadCommand) => {
  obey(command)
    .then(
      (answer): LoadReply => ({ ok: true, answer }),
      (error: unknown): LoadReply => ({ ok: false, reason: error instanceof Error ? error.message : String(error) }),
    )
    .then((reply) => process.send?.(reply))
})
process.on('disconnect', () => process.exit())
