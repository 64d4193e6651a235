import { Command } from 'commander'
import { ended, tellOutages } from '../live.ts'
import { type ProfileOptions, withClient } from '../profile.ts'
import { asSomebody } from './account.ts'

/** `parley listen`: every message as it comes, until interrupted. What came before is told first, once. */
export function listenCommand(): Command {
  return asSomebody(new Command('listen').description('Print messages as they come; each once, also over restarts'))
    .option('--count <number>', 'end after so many')
    .action(async (options: ProfileOptions & { json?: boolean; count?: string }) => {
      await withClient(options, async (client, profile) => {
        let left = options.count === undefined ? Number.POSITIVE_INFINITY : Number(options.count)
        tellOutages(client, profile)
        await new Promise<void>((resolve, reject) => {
          client.on('message', (message) => {
            if (left <= 0) return
            const { conversation, seq, sender, sentAt, content } = message
            const conversationName = client.conversation(conversation).state?.title
            const name = client.user(sender)?.username ?? sender
            const text = 'text' in content ? content.text : JSON.stringify(content)
            const time = new Date(sentAt).toISOString()
            const line = options.json
              ? JSON.stringify({ conversation, seq, sender, sentAt, content })
              : `${time} ${conversationName === undefined ? '' : `[${conversationName}] `}${name}: ${text}`
            process.stdout.write(`${line}\n`)
            if (--left <= 0) resolve()
          })
          client.on('state', (state) => {
            if (state.status === 'closed') reject(ended(state.reason))
          })
          for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
          client.connect()
        })
      })
    })
}
