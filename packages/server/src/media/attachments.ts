import type { ConversationId, Media, UserId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { notFound } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { MediaAccess } from './access.ts'
import { type Carrier, type Carriers, carrierOf, referenceTo } from './carriers.ts'
import type { MediaReference, MediaReferences } from './media-references.ts'
import type { MediaRemover } from './media-remover.ts'
import { viewOf } from './media-view.ts'

/** Milliseconds after which what was about to be sent is stored, or never will be. */
const sendTime = 24 * 3_600_000
/** Milliseconds after which what was about to be deleted is. */
const deleteTime = 60_000

/** Media that messages and profiles carry. */
export interface Attaching {
  /** What members are told of it; from now on it stays while `carrier` carries it. @throws not_found */
  attach(user: UserId, media: string, carrier: Carrier): Promise<Media>
  /**
   * It is carried: by the message `seq`, or as a picture. Never fails: what is missed here is found out later. Nothing
   * is told of what was refused: another try may still be on its way, so only time tells that it never comes.
   */
  attached(media: string, carrier: Carrier, seq: number | undefined): Promise<void>
  /** Something that carries these is about to be deleted. */
  detaching(media: Iterable<string>, conversation: ConversationId, seq: number): Promise<void>
  /** It was. */
  detached(media: Iterable<string>): Promise<void>
}

export class Attachments implements Attaching {
  readonly #access
  readonly #remover
  readonly #references
  readonly #carriers
  readonly #clock
  readonly #logger

  constructor(deps: {
    access: MediaAccess
    remover: Pick<MediaRemover, 'removeUnreferred'>
    references: MediaReferences
    carriers: Carriers
    clock: Clock
    logger: Logger
  }) {
    this.#access = deps.access
    this.#remover = deps.remover
    this.#references = deps.references
    this.#carriers = deps.carriers
    this.#clock = deps.clock
    this.#logger = deps.logger
  }

  async attach(user: UserId, id: string, carrier: Carrier): Promise<Media> {
    const media = await this.#access.readable(user, id)
    const checkAt = this.#clock.now() + sendTime
    if (!(await this.#references.refer({ ...referenceTo(id, carrier), checkAt }))) throw notFound('media')
    return viewOf(media)
  }

  async attached(media: string, carrier: Carrier, seq: number | undefined): Promise<void> {
    await this.#quietly(() => this.#references.settle({ ...referenceTo(media, carrier), seq }))
  }

  async detaching(media: Iterable<string>, conversation: ConversationId, seq: number): Promise<void> {
    const at = this.#clock.now() + deleteTime
    for (const one of media) await this.#references.doubt(one, conversation, seq, at)
  }

  async detached(media: Iterable<string>): Promise<void> {
    await this.#quietly(async () => {
      for (const one of media) {
        for (const reference of await this.#references.of(one, '', 100)) {
          if (reference.checkAt !== undefined) await this.check(reference)
        }
        await this.#remover.removeUnreferred(one)
      }
    })
  }

  /** Another picture took its place. */
  async replaced(media: string, carrier: Carrier): Promise<void> {
    await this.#quietly(async () => {
      await this.check({ ...referenceTo(media, carrier), checkAt: undefined })
      await this.#remover.removeUnreferred(media)
    })
  }

  /** Compares a reference with what it stands for. May be done at any time, by anybody, again and again. */
  async check(reference: MediaReference): Promise<void> {
    const { media, by, seq, checkAt = 0 } = reference
    const place = await this.#carriers.place(reference)
    if (place) return this.#references.settle({ ...reference, seq: place.seq })
    // What may still be on its way is waited for; a message that was stored and carries it no more never will again.
    const final = carrierOf(by).kind === 'message' && seq !== undefined
    if (final || checkAt <= this.#clock.now()) await this.#references.drop(media, by)
  }

  async #quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#logger.warn({ error }, 'a reference to media is to be looked at later')
    }
  }
}

/** A server without media: there is none to send. */
export const noMedia: Attaching = {
  attach: () => Promise.reject(notFound('media')),
  attached: async () => {},
  detaching: async () => {},
  detached: async () => {},
}
