import type { Clock } from '../lib/clock.ts'
import type { Attachments } from './attachments.ts'
import type { MediaCatalogue } from './media-catalogue.ts'
import type { MediaReferences } from './media-references.ts'
import type { MediaRemover } from './media-remover.ts'
import type { Tiering } from './tiering.ts'

const batch = 200
/** Objects that are put away at a time. */
const cooled = 100
/** Milliseconds after which an upload that was not completed goes, and what was completed and never sent. */
const unfinishedTime = 24 * 3_600_000
const unreferencedTime = 24 * 3_600_000

/** The janitor's part of media. */
export class MediaSweep {
  readonly #catalogue
  readonly #references
  readonly #attachments
  readonly #remover
  readonly #tiering
  readonly #clock

  constructor(deps: {
    catalogue: MediaCatalogue
    references: MediaReferences
    attachments: Pick<Attachments, 'check'>
    remover: MediaRemover
    tiering: Pick<Tiering, 'run'>
    clock: Clock
  }) {
    this.#catalogue = deps.catalogue
    this.#references = deps.references
    this.#attachments = deps.attachments
    this.#remover = deps.remover
    this.#tiering = deps.tiering
    this.#clock = deps.clock
  }

  /** @returns how many media and objects went */
  async sweep(): Promise<number> {
    await this.#checkDoubtful()
    const now = this.#clock.now()
    const before = { unfinished: now - unfinishedTime, unreferenced: now - unreferencedTime }
    let removed = 0
    for (let left = batch; left === batch; ) {
      const deserted = await this.#catalogue.deserted(before, batch)
      let gone = 0
      for (const { id } of deserted) if (await this.#remover.removeUnreferred(id)) gone++
      removed += gone
      left = gone
    }
    for (let left = 1; left > 0; removed += left) left = await this.#remover.removeUnused()
    await this.#tiering.run(cooled)
    return removed
  }

  async #checkDoubtful(): Promise<void> {
    for (let left = batch; left === batch; ) {
      const doubtful = await this.#references.doubtful(this.#clock.now(), batch)
      for (const reference of doubtful) await this.#attachments.check(reference)
      left = doubtful.length
    }
  }
}
