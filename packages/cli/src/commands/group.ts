import { Command } from 'commander'
import { findUser } from '../find-user.ts'
import { type ProfileOptions, withClient } from '../profile.ts'
import { asSomebody } from './account.ts'

/** `parley group TITLE MEMBER…`. */
export function groupCommand(): Command {
  return asSomebody(new Command('group').description('Make a group'))
    .argument('<title>')
    .argument('[members...]', 'usernames')
    .action(async (title: string, members: string[], options: ProfileOptions & { json?: boolean }) => {
      await withClient(options, async (client) => {
        const users = await Promise.all(members.map((name) => findUser(client, name)))
        const group = await client.createGroup({ title, members: users.map((user) => user.id) })
        process.stdout.write(
          options.json ? `${JSON.stringify({ id: group.id })}\n` : `The group "${title}" is there.\n`,
        )
      })
    })
}
