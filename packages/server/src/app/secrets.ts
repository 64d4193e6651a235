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
  /** Private key by which push services of browsers know this server (RFC 8292). Subscriptions are bound to it. */
  vapidKey: Uint8Array
}

/** Those that belong to the data, and go where it goes. */
export type LastingSecrets = Omit<Secrets, 'linkKey'>

const fileName = 'secrets.json'

export function makeSecrets(random: Random): Secrets {
  const epoch = Buffer.from(random.bytes(6)).toString('hex')
  return { ticketKey: random.bytes(32), epoch, linkKey: random.bytes(32), vapidKey: random.bytes(32) }
}

/** The secrets that all nodes of a service share, made by the first. @throws SealError */
export async function sharedSecrets(store: SecretStore, random: Random): Promise<Secrets> {
  const made = makeSecrets(random)
  const linkKey = await store.putIfAbsent('link-key', made.linkKey)
  return { ...(await keep(store, made)), linkKey }
}

/** Takes the secrets of a service that is moved to these stores. @returns false when they have others already */
export async function adoptSecrets(store: SecretStore, secrets: LastingSecrets): Promise<boolean> {
  const kept = await keep(store, secrets)
  const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b)
  return (
    kept.epoch === secrets.epoch && same(kept.ticketKey, secrets.ticketKey) && same(kept.vapidKey, secrets.vapidKey)
  )
}

/** @returns those that are there from now on */
async function keep(store: SecretStore, { ticketKey, epoch, vapidKey }: LastingSecrets): Promise<LastingSecrets> {
  const keptEpoch = await store.putIfAbsent('epoch', Buffer.from(epoch))
  return {
    epoch: Buffer.from(keptEpoch).toString(),
    ticketKey: await store.putIfAbsent('ticket-key', ticketKey),
    vapidKey: await store.putIfAbsent('vapid-key', vapidKey),
  }
}

/** Reads the secrets of a data folder, or makes those that are missing, readable by their owner alone. */
export function loadSecrets(folder: string, random: Random): Secrets {
  const path = join(folder, fileName)
  // One process has no links.
  const made = makeSecrets(random)
  let found: Partial<LastingSecrets> = {}
  try {
    found = decode(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const secrets = { ...made, ...found }
  if (found.ticketKey && found.vapidKey) return secrets
  // Whole or not at all: a start that was interrupted is no reason to repair anything.
  const file = openSync(`${path}.new`, 'w', 0o600)
  writeSync(file, `${encode(secrets)}\n`)
  fsyncSync(file)
  closeSync(file)
  renameSync(`${path}.new`, path)
  return secrets
}

const base64 = (key: Uint8Array): string => Buffer.from(key).toString('base64')

const encode = ({ ticketKey, epoch, vapidKey }: LastingSecrets): string =>
  JSON.stringify({ ticketKey: base64(ticketKey), epoch, vapidKey: base64(vapidKey) })

/** A folder of an earlier release has fewer. */
function decode(text: string): Partial<LastingSecrets> {
  const { ticketKey, epoch, vapidKey } = JSON.parse(text) as { ticketKey: string; epoch: string; vapidKey?: string }
  return {
    ticketKey: Buffer.from(ticketKey, 'base64'),
    epoch,
    ...(vapidKey === undefined ? {} : { vapidKey: Buffer.from(vapidKey, 'base64') }),
  }
}
