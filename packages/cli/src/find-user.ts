import type { Client } from '@parley/client'
import type { User } from '@parley/protocol'
import { Failure } from './failure.ts'

/** The user of that name, with or without `@`. @throws Failure */
export async function findUser(client: Client, name: string): Promise<User> {
  const user = await lookUp(client, name)
  if (!user) throw new Failure(`There is no user "${name}".`)
  return user
}

export async function lookUp(client: Client, name: string): Promise<User | undefined> {
  const username = name.replace(/^@/, '').toLowerCase()
  const found = await client.account.findUsers(username)
  return found.find((user) => user.username === username)
}
