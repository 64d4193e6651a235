import { pino } from 'pino'
import type { Logger } from '../lib/logger.ts'
import type { Settings } from './options.ts'

/** JSON lines on standard error; never a token, a password or a text. */
export function createLogger(level: Settings['logLevel']): Logger {
  const options = { level, base: null, serializers: { error: pino.stdSerializers.err }, redact: ['token', 'password'] }
  return pino(options, pino.destination({ dest: 2, sync: false }))
}
