import { version } from '@parley/server'
import { Command } from 'commander'
import { adminCommand } from './commands/admin.ts'
import { startCommand } from './commands/start.ts'

/** The whole command line: `parley COMMAND`. Exit codes: 0 done, 1 failed, 2 wrong use. */
export async function runCommand(args: readonly string[]): Promise<void> {
  const program = new Command('parley')
    .description('Parley: a self-hosted messenger')
    .version(version)
    .exitOverride()
    .addCommand(startCommand())
    .addCommand(adminCommand())
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    const { exitCode = 1, code = '', message } = error as { exitCode?: number; code?: string; message: string }
    if (code.startsWith('commander.')) process.exitCode = exitCode === 0 ? 0 : 2
    else {
      process.stderr.write(`${message}\n`)
      process.exitCode = 1
    }
  }
}
