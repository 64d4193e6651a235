import { Command } from 'commander'
import { UsageError } from '../failure.ts'
import { goLive } from '../live.ts'
import { type ProfileOptions, withClient } from '../profile.ts'
import { findConversation } from '../target.ts'
import { asSomebody } from './account.ts'

/** `parley send WHOM TEXT…`: returns when the message is durable at the server. */
export function sendCommand(): Command {
  return asSomebody(new Command('send').description('Send a message; done when the server has made it durable'))
    .argument('<to>', 'a username, the title of a group, or the id of a conversation')
    .argument('[text...]', 'what to say; without it, standard input is sent')
    .action(async (to: string, words: string[], options: ProfileOptions & { json?: boolean }) => {
      const text = words.length > 0 ? words.join(' ') : (await readInput()).trimEnd()
      if (text === '') throw new UsageError('There is nothing to send.')
      await withClient(options, async (client, profile) => {
        await goLive(client, profile)
        const sent = await (await findConversation(client, to)).send(text)
        process.stdout.write(options.json ? `${JSON.stringify(sent)}\n` : `Sent as message ${sent.seq}.\n`)
      })
    })
}

async function readInput(): Promise<string> {
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin) text += chunk
  return text
}
