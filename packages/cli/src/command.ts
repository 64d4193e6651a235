import { version } from '@parley/server'
import { Command, CommanderError } from 'commander'
import { loginCommand, logoutCommand, registerCommand } from './commands/account.ts'
import { adminCommand } from './commands/admin.ts'
import { benchCommand } from './commands/bench.ts'
import { capacityCommand } from './commands/capacity.ts'
import { chatCommand } from './commands/chat.ts'
import { doctorCommand } from './commands/doctor.ts'
import { groupCommand } from './commands/group.ts'
import { listenCommand } from './commands/listen.ts'
import { mediaCommand } from './commands/media.ts'
import { migrateCommand } from './commands/migrate.ts'
import { sendCommand } from './commands/send.ts'
import { startCommand } from './commands/start.ts'
import { explain } from './explain.ts'

const commands = [
  startCommand,
  registerCommand,
  loginCommand,
  logoutCommand,
  chatCommand,
  sendCommand,
  listenCommand,
  groupCommand,
  doctorCommand,
  mediaCommand,
  adminCommand,
  benchCommand,
  capacityCommand,
  migrateCommand,
]

/** The whole command line: `parley COMMAND`. Exit codes: 0 done, 1 failed, 2 wrong use. */
export async function runCommand(args: readonly string[]): Promise<void> {
  const program = new Command('parley').description('Parley: a self-hosted messenger').version(version)
  for (const command of commands) program.addCommand(command())
  exitByThrowing(program)
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2
      return
    }
    const { message, exitCode } = explain(error)
    process.stderr.write(`parley: ${message}\n`)
    process.exitCode = exitCode
  }
}

function exitByThrowing(command: Command): void {
  command.exitOverride()
  for (const sub of command.commands) exitByThrowing(sub)
}
