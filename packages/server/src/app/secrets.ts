import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { SecretStore } from '../cluster/secret-store.ts'
import type { Random } from '../lib/random.ts'

/** What only this installation knows. */
export interface Secrets {
  /** Seals tickets. */
  ticketKey: Uint8Array
  /** Names this history of the data in cursors. */
  epoch: string
  /** By which nodes know each other. */
  linkKey: Uint8Array
}

const fileName = 'secrets.json'

export function makeSecrets(random: Random): Secrets {
  const epoch = Buffer.from(random.bytes(6)).toString('hex')
  return { ticketKey: random.bytes(32), epoch, linkKey: random.bytes(32) }
}

/** The secrets that all nodes of a service share, made by the first. @throws SealError */
export async function sharedSecrets(store: SecretStore, random: Random): Promise<Secrets> {
  const made = makeSecrets(random)
  const ticketKey = await store.putIfAbsent('ticket-key', made.ticketKey)
  const epoch = await store.putIfAbsent('epoch', Buffer.from(made.epoch))
  const linkKey = await store.putIfAbsent('link-key', made.linkKey)
  return { ticketKey, epoch: Buffer.from(epoch).toString(), linkKey }
}

/** Takes the secrets of a service that is moved to these stores. @returns false when they have others already */
export async function adoptSecrets(
  store: SecretStore,
  { ticketKey, epoch }: Pick<Secrets, 'ticketKey' | 'epoch'>,
): Promise<boolean> {
  const storedEpoch = await store.putIfAbsent('epoch', Buffer.from(epoch))
  const storedKey = await store.putIfAbsent('ticket-key', ticketKey)
  return Buffer.from(storedEpoch).toString() === epoch && Buffer.from(storedKey).equals(ticketKey)
}

/** Reads the secrets of a data folder, or makes them at the first start, readable by their owner alone. */
export function loadSecrets(folder: string, random: Random): Secrets {
  const path = join(folder, fileName)
  // One process has no links.
  const made = makeSecrets(random)
  try {
    return { ...made, ...decode(readFileSync(path, 'utf8')) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const { ticketKey, epoch } = made
  // Whole or not at all: a start that was interrupted is no reason to repair anything.
  const file = openSync(`${path}.new`, 'w', 0o600)
  writeSync(file, `${JSON.stringify({ ticketKey: Buffer.from(ticketKey).toString('base64'), epoch })}\n`)
  fsyncSync(file)
  closeSync(file)
  renameSync(`${path}.new`, path)
  return made
}

function decode(text: string): Pick<Secrets, 'ticketKey' | 'epoch'> {
  const { ticketKey, epoch } = JSON.parse(text) as { ticketKey: string; epoch: string }
  return { ticketKey: Buffer.from(ticketKey, 'base64'), epoch }
}
