import { createHash } from 'node:crypto'

/** What is used of the driver's client. */
export interface Redis {
  connect(): Promise<unknown>
  /** Ends it at once; what waits for an answer is rejected. */
  destroy(): void
  readonly isReady: boolean
  on(event: 'error', listener: (error: unknown) => void): unknown
  sendCommand(args: string[]): Promise<unknown>
}

export interface RedisDriver {
  create(): Redis
  /** The server answered, and what it said is an error. */
  isAnswer(error: unknown): boolean
}

/** @throws Error that names the package where it is missing, or what is wrong with the URL */
export async function loadDriver(url: string): Promise<RedisDriver> {
  let driver: typeof import('redis')
  try {
    driver = await import('redis')
  } catch (error) {
    throw new Error('Redis needs the package redis: npm install redis', { cause: error })
  }
  return {
    create: () =>
      driver.createClient({
        url,
        disableOfflineQueue: true,
        maintNotifications: 'disabled',
        // Its time limit ends when a command was written, and costs a timer each; ours holds to the answer.
        commandOptions: { timeout: 0 },
        // A client that broke is replaced as a whole.
        socket: { reconnectStrategy: false },
      }) as unknown as Redis,
    isAnswer: (error) => error instanceof driver.ErrorReply,
  }
}

/** A Lua script, which the server knows by its hash once it was sent. */
export class Script {
  readonly #text
  readonly #hash

  constructor(text: string) {
    this.#text = text
    this.#hash = createHash('sha1').update(text).digest('hex')
  }

  async run(redis: Redis, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args.map(String)]
    try {
      return await redis.sendCommand(['EVALSHA', this.#hash, ...rest])
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return redis.sendCommand(['EVAL', this.#text, ...rest])
    }
  }
}
