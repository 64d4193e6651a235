import { OfflineError, ParleyError } from '@parley/client'
import type { Words } from '../words/words.ts'

/** What went wrong with logging in or registering, and with which field. */
export function accountError(error: unknown, words: Words): { field?: string; text: string } {
  const { accounts } = words
  if (error instanceof OfflineError) return { text: accounts.offline }
  if (!(error instanceof ParleyError)) return { text: accounts.failed }
  switch (error.code) {
    case 'unauthenticated':
      return { text: accounts.wrong }
    case 'forbidden':
      return { text: accounts.suspended }
    case 'conflict':
      return { field: 'username', text: accounts.taken }
    case 'rate_limited':
      return { text: accounts.tooOften }
    case 'invalid':
      if (error.field === 'username') return { field: 'username', text: accounts.invalidUsername }
      if (error.field === 'password') return { field: 'password', text: accounts.shortPassword }
      return { text: accounts.failed }
    default:
      return { text: error.retryable ? accounts.offline : accounts.failed }
  }
}
