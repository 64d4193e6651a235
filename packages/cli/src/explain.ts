import { OfflineError, ParleyError } from '@parley/client'
import { ConfigError, FolderInUseError } from '@parley/server'
import { Failure, UsageError } from './failure.ts'

/** What went wrong, in words that say what to do. */
export function explain(error: unknown): { message: string; exitCode: 1 | 2 } {
  if (error instanceof UsageError || error instanceof ConfigError) return { message: error.message, exitCode: 2 }
  if (error instanceof Failure || error instanceof FolderInUseError) return { message: error.message, exitCode: 1 }
  if (error instanceof ParleyError) return { message: fromServer(error), exitCode: 1 }
  if (error instanceof OfflineError) {
    return { message: 'The server does not answer. Is it running, and is --server right?', exitCode: 1 }
  }
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE')
    return { message: `Port ${port} is taken. Choose another with --port, or stop what uses it.`, exitCode: 1 }
  if (code === 'EACCES') return { message: `${message}. Choose another with --port, --data or --host.`, exitCode: 1 }
  return { message: message ?? String(error), exitCode: 1 }
}

function fromServer({ code, message, field, retryAfter }: ParleyError): string {
  const where = field === undefined ? '' : ` (${field})`
  const when = retryAfter === undefined ? '' : ` Try again in ${Math.ceil(retryAfter / 1000)} s.`
  return `${message}${where}${when}${code === 'unauthenticated' ? ' Use "parley login".' : ''}`
}
