import { busyTimeout, type Connection } from './connection.ts'

/** To the thread that copies. */
export type ToCheckpointer = 'copy'
/** From it: nearly all is copied; the disk takes nothing at the moment; or it is not known what was flushed. */
export type FromCheckpointer =
  | { type: 'copied' }
  | { type: 'refused' }
  | { type: 'broken'; code: string; message: string }

/** How often the writer looks at the length of the log, in commits. */
const lookEvery = 16
/** So many looks are left out after the disk refused. */
const patience = 64
/** How long the writer waits for a read that looks at the log still, ms; longer once the log is twice as long. */
const waits = { usual: 5, late: 100 }

/**
 * The writer's part of checkpoints. The log begins anew only when all of it is copied, and that never is while more is
 * written: the checkpoint thread copies what is there, and between two commits the writer copies the few pages that came
 * meanwhile, and waits until no read looks at the log. So no commit waits for thousands of pages.
 */
export class Checkpoints {
  readonly #ask
  readonly #pages
  readonly #look
  readonly #restart
  readonly #setWait
  #commits = 0
  #asked = false
  #skipped = 0

  constructor(database: Connection, pages: number, ask: (message: ToCheckpointer) => void) {
    this.#ask = ask
    this.#pages = pages
    this.#look = database.prepare<[], [busy: number, log: number, copied: number]>('PRAGMA wal_checkpoint(NOOP)').raw()
    this.#restart = database.prepare('PRAGMA wal_checkpoint(RESTART)')
    this.#setWait = (ms: number) => database.pragma(`busy_timeout = ${ms}`)
  }

  /** Called after each commit. */
  committed(): void {
    this.#commits++
    if (this.#asked || this.#commits % lookEvery !== 0 || this.#skipped-- > 0) return
    this.#skipped = 0
    if (this.#length() < this.#pages) return
    this.#asked = true
    this.#ask('copy')
  }

  /** The checkpoint thread has copied. Called between commits. @throws as SQLite does when the disk refuses */
  copied(): void {
    this.#asked = false
    this.#setWait(this.#length() < 2 * this.#pages ? waits.usual : waits.late)
    try {
      this.#restart.get()
    } finally {
      this.#setWait(busyTimeout)
    }
  }

  refused(): void {
    this.#asked = false
    this.#skipped = patience
  }

  #length(): number {
    return this.#look.get()?.[1] ?? 0
  }
}
