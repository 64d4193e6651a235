import type { GetObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import type { Clock } from '../../lib/clock.ts'
import { AppError, unavailable } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { createClient, type Driver, type S3Client, type S3Place } from './driver.ts'
import { isCold, isMissing, toStoreError } from './failures.ts'

/** Milliseconds after which a call is given up: the server may be frozen. */
const patience = 5_000
/** Calls under way at once; more are refused rather than kept. */
const capacity = 256

type Signable = GetObjectCommand | UploadPartCommand
/** What every answer says of the server. */
interface Told {
  server?: string
  /** Its clock, to the second. */
  date?: string
}

/** The bucket, as this server reaches it. Bounded in time and number; what it cannot do is told as `unavailable`. */
export class S3Connection {
  readonly driver
  readonly bucket
  readonly prefix
  /** Of the last answer. */
  told: Told = {}
  readonly #client
  readonly #public
  readonly #clock
  readonly #logger
  #underWay = 0
  #away = false

  constructor(driver: Driver, place: S3Place, clock: Clock, logger: Logger) {
    this.driver = driver
    this.bucket = place.bucket
    this.prefix = place.prefix
    this.#client = createClient(driver, place, place.endpoint)
    this.#public = createClient(driver, place, place.publicEndpoint ?? place.endpoint)
    this.#clock = clock
    this.#logger = logger
    this.#client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args)
        this.told = (result.response as { headers?: Told }).headers ?? {}
        return result
      },
      // Innermost: answers that are failures come by as well.
      { step: 'deserialize', priority: 'low', name: 'toldByServer' },
    )
  }

  /**
   * @throws AppError `unavailable`: it is away, refuses this server, or the outcome is not known; and what S3 answers
   * about the object (`isMissing`, `isCold`)
   */
  async run<Answer>(
    ask: (client: S3Client, abortSignal: AbortSignal) => Promise<Answer>,
    ms = patience,
  ): Promise<Answer> {
    if (this.#underWay >= capacity) throw unavailable('The object store is busy.')
    const abort = new AbortController()
    const timer = this.#clock.after(ms, () => abort.abort())
    this.#underWay++
    try {
      const answer = await ask(this.#client, abort.signal)
      this.#tell(undefined)
      return answer
    } catch (error) {
      if (isMissing(error) || isCold(error)) throw error
      const told = abort.signal.aborted
        ? unavailable('The object store did not answer in time.', error)
        : toStoreError(error)
      if (told instanceof AppError) this.#tell(told)
      throw told
    } finally {
      timer.cancel()
      this.#underWay--
    }
  }

  /** A URL by which whoever has it may do this one thing for `seconds` from `at` (ms). Made here, without asking. */
  sign(command: Signable, seconds: number, at = this.#clock.now()): Promise<string> {
    return this.driver.getSignedUrl(this.#public, command as UploadPartCommand, {
      expiresIn: seconds,
      signingDate: new Date(at),
    })
  }

  close(): void {
    this.#client.destroy()
    this.#public.destroy()
  }

  #tell(error: AppError | undefined): void {
    if (this.#away === (error !== undefined)) return
    this.#away = error !== undefined
    if (error) this.#logger.warn({ error: error.message, cause: String(error.cause) }, 'The object store is away')
    else this.#logger.info({}, 'The object store is back')
  }
}
