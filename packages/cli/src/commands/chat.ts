import { Command } from 'commander'
import { Chat } from '../chat/chat.ts'
import { Terminal } from '../chat/terminal.ts'
import { UsageError } from '../failure.ts'
import { type ProfileOptions, withClient } from '../profile.ts'
import { asSomebody } from './account.ts'

/** `parley chat`: the full-screen client. */
export function chatCommand(): Command {
  return asSomebody(new Command('chat').description('Talk, in this terminal')).action(
    async (options: ProfileOptions) => {
      if (!process.stdin.isTTY || !process.stdout.isTTY) {
        throw new UsageError('"parley chat" needs a terminal; use "parley send" and "parley listen" in programs.')
      }
      await withClient(options, async (client) => {
        const terminal = new Terminal(process.stdin, process.stdout)
        try {
          await new Promise<void>((resolve) => new Chat(client, terminal, resolve).start())
        } finally {
          terminal.close()
        }
      })
      process.exit(0)
    },
  )
}
