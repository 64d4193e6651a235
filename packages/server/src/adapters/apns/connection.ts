import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'

/** Milliseconds after which an answer is not expected any more. */
const answerTime = 10_000
const longestAnswer = 4096

interface Answer {
  status: number
  id: string | undefined
  reason: string | undefined
  /** Seconds. */
  retryAfter: number | undefined
}

/** One HTTP/2 connection to a push host, opened when it is needed and again when the host let it go. */
export class ApnsConnection {
  readonly #host
  readonly #ca
  #session: ClientHttp2Session | undefined

  constructor(host: string, ca: string | undefined) {
    this.#host = host
    this.#ca = ca
  }

  /** @throws Error when there was no answer; the host may have taken it all the same */
  post(path: string, headers: Record<string, string>, body: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(answerTime)
      const stream = this.#open().request({ ':method': 'POST', ':path': path, ...headers }, { signal })
      answer(stream, resolve, reject)
      stream.end(body)
    })
  }

  close(): void {
    this.#session?.close()
    this.#session = undefined
  }

  #open(): ClientHttp2Session {
    const open = this.#session
    if (open && !open.closed && !open.destroyed) return open
    const session = connect(this.#host, this.#ca === undefined ? {} : { ca: this.#ca })
    const drop = (): void => {
      if (this.#session === session) this.#session = undefined
    }
    session.on('goaway', drop)
    session.on('close', drop)
    // Told to each stream as well.
    session.on('error', drop)
    session.unref()
    this.#session = session
    return session
  }
}

function answer(stream: ClientHttp2Stream, resolve: (answer: Answer) => void, reject: (error: Error) => void): void {
  let answered: Omit<Answer, 'reason'> | undefined
  let text = ''
  stream.on('response', (headers) => {
    const retryAfter = Number(headers['retry-after'])
    answered = {
      status: headers[':status'] ?? 0,
      id: headers['apns-id'] as string | undefined,
      retryAfter: retryAfter > 0 ? retryAfter : undefined,
    }
  })
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    if (text.length < longestAnswer) text += chunk
  })
  stream.on('error', reject)
  stream.on('close', () => {
    if (answered) resolve({ ...answered, reason: reasonOf(text) })
    else reject(new Error('the connection ended'))
  })
}

function reasonOf(text: string): string | undefined {
  if (text === '') return undefined
  try {
    const { reason } = JSON.parse(text) as { reason?: unknown }
    return typeof reason === 'string' ? reason.slice(0, 64) : undefined
  } catch {
    return undefined
  }
}
