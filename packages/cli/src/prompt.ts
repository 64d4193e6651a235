import { password as askPassword, text as askText, isCancel } from '@clack/prompts'
import { UsageError } from './failure.ts'

/** Asks on a terminal; elsewhere what is missing is a wrong use. */
export async function ask(what: string, flag: string): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageError(`${flag} is needed.`)
  const answer = await askText({ message: what })
  if (isCancel(answer)) process.exit(1)
  return answer
}

/** From `PARLEY_PASSWORD`, or asked without showing it. Never a flag: other users of a machine can read those. */
export async function askForPassword(): Promise<string> {
  const given = process.env.PARLEY_PASSWORD
  if (given) return given
  if (!process.stdin.isTTY) throw new UsageError('Give the password in the environment variable PARLEY_PASSWORD.')
  const answer = await askPassword({ message: 'Password' })
  if (isCancel(answer)) process.exit(1)
  return answer
}
