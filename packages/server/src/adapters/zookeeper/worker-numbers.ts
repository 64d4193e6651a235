import type { Clock } from '../../lib/clock.ts'
import type { ZooKeeperConnection } from './connection.ts'
import { isKind } from './stored-node.ts'

/** As many as an id has room for. */
const allNumbers = 1024

/** A ceiling (ms) above all that ids can tell. */
const retired = 2 ** 46

/** What is stored for a worker number, for ever. */
export interface WorkerRecord {
  /** No id at or above this time (ms) was made with it. */
  ceiling: number
  /** Whose ids it bounds: a name that one process gave itself. */
  owner: string
  /** Of the stored node: who writes it must know it, so that who lost the number cannot. */
  version: number
}

/**
 * Numbers as ZooKeeper keeps them: `owners/n` is ephemeral and says that n is taken, `workers/n` stays and holds the
 * ceiling.
 */
export class WorkerNumbers {
  readonly #connection
  readonly #root
  readonly #clock
  readonly #count

  constructor(connection: ZooKeeperConnection, root: string, clock: Clock, count = allNumbers) {
    this.#connection = connection
    this.#root = root
    this.#clock = clock
    this.#count = count
  }

  /**
   * Those that nobody has, the best ones first: used before and with a ceiling that lies behind us, then new ones, and
   * only then those with which ids would have to begin in the future. A damaged one is never among them.
   */
  async free(): Promise<number[]> {
    const [taken, used] = await Promise.all(['owners', 'workers'].map((folder) => this.#numbersIn(folder)))
    const free = [...(used as Set<number>)].filter((worker) => !taken?.has(worker))
    const known = await Promise.all(free.map(async (worker) => ({ worker, ceiling: await this.#ceilingOf(worker) })))
    const records = known.filter((one): one is { worker: number; ceiling: number } => one.ceiling !== undefined)
    records.sort((a, b) => a.ceiling - b.ceiling || a.worker - b.worker)
    const now = this.#clock.now()
    const past = records.filter(({ ceiling }) => ceiling <= now).map(({ worker }) => worker)
    const future = records.filter(({ ceiling }) => ceiling > now).map(({ worker }) => worker)
    const unused = Array.from({ length: this.#count }, (_, worker) => worker).filter(
      (n) => !used?.has(n) && !taken?.has(n),
    )
    return [...past.sort((a, b) => a - b), ...unused, ...future]
  }

  /** False when another session has it. */
  async claim(worker: number): Promise<boolean> {
    const { session } = this.#connection
    const path = this.#path('owners', worker)
    try {
      await this.#connection.write((client) => client.create(path, '', 'ephemeral'))
      return true
    } catch (error) {
      if (!isKind(error, 'exists')) throw error
    }
    // Perhaps by us: the answer of an earlier try may have been lost.
    const there = await this.#connection.read((client) => client.get(path))
    return there !== undefined && there.owner === session
  }

  /** Only for who has claimed it; a number that was never used has ceiling 0. */
  async read(worker: number): Promise<WorkerRecord> {
    const path = this.#path('workers', worker)
    const there = await this.#connection.read((client) => client.get(path))
    if (there) {
      const record = parseRecord(there.data)
      // Going on could make ids twice.
      if (!record) throw new Error(`ZooKeeper: ${path} is damaged: store {"ceiling": a time to come, in ms} in it.`)
      return { ...record, version: there.version }
    }
    await this.#connection
      .write((client) => client.create(path, format(0, ''), 'persistent'))
      .catch((error) => {
        if (!isKind(error, 'exists')) throw error
      })
    return this.read(worker)
  }

  /**
   * Nobody is given this number any more, as its ids were made elsewhere. @throws Error when somebody has it now;
   * ZooKeeperError `version` when somebody takes it meanwhile
   */
  async retire(worker: number): Promise<void> {
    const record = await this.read(worker)
    if (record.ceiling >= retired) return
    const { session } = this.#connection
    const owner = await this.#connection.read((client) => client.get(this.#path('owners', worker)))
    if (owner !== undefined && owner.owner !== session)
      throw new Error(`Worker number ${worker} is in use: a node runs there. Start nodes once this has begun.`)
    await this.write(worker, record, retired, '')
  }

  /** Moves what is stored on from `before`. @throws ZooKeeperError `version` when somebody else did */
  async write(worker: number, before: WorkerRecord, ceiling: number, owner: string): Promise<WorkerRecord> {
    const path = this.#path('workers', worker)
    const { version } = await this.#connection.write((client) =>
      client.set(path, format(ceiling, owner), before.version),
    )
    return { ceiling, owner, version }
  }

  async #numbersIn(folder: string): Promise<Set<number>> {
    const names = await this.#connection.read((client) => client.children(`${this.#root}/${folder}`))
    return new Set(
      names.map(Number).filter((worker) => Number.isInteger(worker) && worker >= 0 && worker < this.#count),
    )
  }

  async #ceilingOf(worker: number): Promise<number | undefined> {
    const there = await this.#connection.read((client) => client.get(this.#path('workers', worker)))
    return there ? parseRecord(there.data)?.ceiling : 0
  }

  #path(folder: string, worker: number): string {
    return `${this.#root}/${folder}/${String(worker).padStart(4, '0')}`
  }
}

const format = (ceiling: number, owner: string): string => JSON.stringify({ ceiling, owner })

/** Undefined when it holds no ceiling. */
function parseRecord(text: string): { ceiling: number; owner: string } | undefined {
  try {
    const { ceiling, owner } = JSON.parse(text) as { ceiling?: unknown; owner?: unknown }
    const isTime = Number.isSafeInteger(ceiling) && (ceiling as number) >= 0
    return isTime ? { ceiling: ceiling as number, owner: String(owner) } : undefined
  } catch {
    return undefined
  }
}
