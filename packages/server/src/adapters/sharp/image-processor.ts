import { type ChildProcess, fork } from 'node:child_process'
import type { Clock, Timer } from '../../lib/clock.ts'
import { AppError, unavailable } from '../../lib/errors.ts'
import { Turns } from '../../lib/turns.ts'
import type { ImageProcessor, ProcessedImage } from '../../media/image-processor.ts'
import { formats, type WorkerAnswer } from './worker-talk.ts'

/** Milliseconds for one image, where its worker does not end by itself what takes too much. */
const patience = 60_000
/** Milliseconds after which an idle worker ends. */
const idleTime = 60_000
/** Images that wait; further ones are refused for the moment. */
const capacity = 200
/** Decoded images beyond this lie in a file, not in memory. */
const discThreshold = '32m'

/** Images are decoded by sharp, in a process of its own, one at a time. */
export class SharpImageProcessor implements ImageProcessor {
  readonly types: ReadonlySet<string> = new Set(Object.keys(formats))
  readonly #clock
  readonly #scratch
  readonly #turns = new Turns(1, capacity)
  #worker: ChildProcess | undefined
  #idle: Timer | undefined
  #jobs = 0

  /** `scratch`: where the decoder may put what it does not hold in memory. */
  constructor(clock: Clock, scratch: string) {
    this.#clock = clock
    this.#scratch = scratch
  }

  process(path: string, type: string, folder: string): Promise<ProcessedImage> {
    return this.#turns.take(async () => {
      this.#idle?.cancel()
      try {
        return await this.#ask({ path, type, folder })
      } finally {
        this.#idle = this.#clock.after(idleTime, () => this.close())
      }
    })
  }

  /** The worker's process, for who looks at what it costs. */
  get pid(): number | undefined {
    return this.#worker?.pid
  }

  close(): void {
    this.#idle?.cancel()
    this.#worker?.kill('SIGKILL')
    this.#worker = undefined
  }

  #start(): ChildProcess {
    // Sources run as they are (.ts); a packed release has been compiled (.js).
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = fork(new URL(`./image-worker.${extension}`, import.meta.url), {
      execArgv: ['--max-old-space-size=64'],
      // Nothing of this server's environment is its business.
      env: { VIPS_DISC_THRESHOLD: discThreshold, TMPDIR: this.#scratch, MALLOC_ARENA_MAX: '2' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    // A server that stops does not wait for it.
    worker.unref()
    worker.channel?.unref()
    worker.on('error', () => {})
    return worker
  }

  #ask(job: { path: string; type: string; folder: string }): Promise<ProcessedImage> {
    const worker = this.#worker ?? this.#start()
    this.#worker = worker
    const id = ++this.#jobs
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        timer.cancel()
        worker.off('message', onMessage)
        worker.off('exit', onExit)
      }
      const onMessage = (answer: WorkerAnswer): void => {
        if (answer.id !== id) return
        settle()
        if ('image' in answer) resolve(answer.image)
        else reject(refused(answer.error))
      }
      const onExit = (): void => {
        settle()
        if (this.#worker === worker) this.#worker = undefined
        reject(refused('its worker ended'))
      }
      const timer = this.#clock.after(patience, () => {
        settle()
        worker.kill('SIGKILL')
        if (this.#worker === worker) this.#worker = undefined
        reject(refused('it took too long'))
      })
      worker.on('message', onMessage)
      worker.on('exit', onExit)
      worker.send({ id, ...job }, (error) => {
        if (!error) return
        settle()
        if (this.#worker === worker) this.#worker = undefined
        reject(unavailable('Images cannot be processed at the moment.', error))
      })
    })
  }
}

const refused = (reason: string): AppError =>
  new AppError('unsupported_media', 'This image cannot be processed.', { field: 'type', cause: reason })
