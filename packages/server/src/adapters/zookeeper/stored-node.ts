import type { Stat } from 'node-zookeeper-client'

/** A node of ZooKeeper's tree. */
export interface StoredNode {
  data: string
  /** Counts changes. */
  version: number
  /** The session that holds an ephemeral one; '' for others. */
  owner: string
  /** When it was changed last, by the leader's clock, ms since the epoch. */
  at: number
}

export function stored(data: Buffer | undefined, stat: Stat): StoredNode {
  const owner = stat.ephemeralOwner.toString('hex')
  return {
    data: data?.toString() ?? '',
    version: stat.version,
    owner: /^0*$/.test(owner) ? '' : owner,
    at: Number(stat.mtime.readBigInt64BE()),
  }
}

/** `lost`: it is not known whether it was done. `expired`: nothing is done in this session any more. */
export type FailureKind = 'missing' | 'exists' | 'version' | 'lost' | 'expired' | 'other'

const kinds: Record<number, FailureKind> = {
  [-4]: 'lost',
  [-7]: 'lost',
  [-101]: 'missing',
  [-103]: 'version',
  [-110]: 'exists',
  [-112]: 'expired',
  [-118]: 'expired',
}

export class ZooKeeperError extends Error {
  readonly kind

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'ZooKeeperError'
    this.kind = kind
  }

  static of(error: unknown): ZooKeeperError {
    if (error instanceof ZooKeeperError) return error
    const { code, name } = error as { code?: unknown; name?: unknown }
    const kind = (typeof code === 'number' && kinds[code]) || 'other'
    return new ZooKeeperError(kind, `ZooKeeper: ${String(name ?? error)}`, error)
  }

  /** The server processed it and refused it. */
  get isAnswer(): boolean {
    return this.kind === 'missing' || this.kind === 'exists' || this.kind === 'version'
  }
}

export const isKind = (error: unknown, kind: FailureKind): boolean =>
  error instanceof ZooKeeperError && error.kind === kind
