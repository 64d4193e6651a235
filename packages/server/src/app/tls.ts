import { readFileSync } from 'node:fs'
import { createSecureContext, type Server as TlsServer } from 'node:tls'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'

export interface TlsFiles {
  cert: string
  key: string
}

const reloadPeriod = 10_000

export const readTls = ({ cert, key }: TlsFiles): { cert: Buffer; key: Buffer } => ({
  cert: readFileSync(cert),
  key: readFileSync(key),
})

/** Takes a renewed certificate without a restart. A broken pair of files leaves the present one in use. */
export function watchTls(server: TlsServer, files: TlsFiles, clock: Clock, logger: Logger): Timer {
  let current = readTls(files)
  return clock.every(reloadPeriod, () => {
    try {
      const next = readTls(files)
      if (next.cert.equals(current.cert) && next.key.equals(current.key)) return
      createSecureContext(next)
      server.setSecureContext(next)
      current = next
      logger.info({}, 'the certificate was read again')
    } catch (error) {
      logger.warn({ error }, 'the renewed certificate cannot be used')
    }
  })
}
