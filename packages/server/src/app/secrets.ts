import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../lib/random.ts'

/** What only this installation knows. Made at the first start, readable by its owner alone. */
export interface Secrets {
  /** Seals tickets. */
  ticketKey: Uint8Array
  /** Names this history of the data in cursors. */
  epoch: string
}

const fileName = 'secrets.json'

export function makeSecrets(random: Random): Secrets {
  return { ticketKey: random.bytes(32), epoch: Buffer.from(random.bytes(6)).toString('hex') }
}

/** Reads the secrets of a data folder, or makes them. */
export function loadSecrets(folder: string, random: Random): Secrets {
  const path = join(folder, fileName)
  try {
    return decode(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const secrets = makeSecrets(random)
  const file = openSync(path, 'wx', 0o600)
  writeSync(file, `${JSON.stringify({ ...secrets, ticketKey: Buffer.from(secrets.ticketKey).toString('base64') })}\n`)
  fsyncSync(file)
  closeSync(file)
  return secrets
}

function decode(text: string): Secrets {
  const { ticketKey, epoch } = JSON.parse(text) as { ticketKey: string; epoch: string }
  return { ticketKey: Buffer.from(ticketKey, 'base64'), epoch }
}
