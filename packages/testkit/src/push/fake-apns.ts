import { generateKeyPairSync } from 'node:crypto'
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { importSPKI, jwtVerify } from 'jose'
import { type Behave, Devices, taking } from './behaviour.ts'
import { type Certificate, makeCertificate } from './certificate.ts'

const longestBody = 4096

export interface FakeApnsOptions {
  certificate?: Certificate
  /** Streams at once on a connection. */
  streams?: number
}

/** Apple's push service as far as its protocol goes: HTTP/2, provider tokens, its headers, answers and limits. */
export class FakeApns {
  readonly keyId = 'ABC123DEFG'
  readonly teamId = 'DEF123GHIJ'
  /** The .p8 file's text. */
  readonly key: string
  readonly devices = new Devices()
  /** Answers that Apple would give to a wrong request, each one a fault of ours. */
  readonly faults: string[] = []
  readonly certificate: Certificate
  behave: Behave = taking
  requests = 0
  readonly #publicKey: string
  readonly #server: Http2SecureServer
  readonly #sessions = new Set<ServerHttp2Session>()
  /** Header values that were checked; a provider token is used for many requests. */
  readonly #proven = new Set<string>()

  private constructor({ certificate = makeCertificate(), streams = 1000 }: FakeApnsOptions) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    this.#publicKey = publicKey.export({ type: 'spki', format: 'pem' }) as string
    this.certificate = certificate
    this.#server = createSecureServer({ ...certificate, settings: { maxConcurrentStreams: streams } })
    this.#server.on('session', (session) => {
      this.#sessions.add(session)
      session.on('close', () => this.#sessions.delete(session))
      session.on('error', () => {})
    })
    this.#server.on('stream', (stream, headers) => void this.#take(stream as ServerHttp2Stream, headers))
  }

  static async start(options: FakeApnsOptions = {}): Promise<FakeApns> {
    const fake = new FakeApns(options)
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Ends every connection, as a host that restarts does. */
  dropConnections(): void {
    for (const session of this.#sessions) session.destroy()
  }

  async stop(): Promise<void> {
    this.dropConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on('error', () => {})
    let text = ''
    stream.setEncoding('utf8')
    try {
      for await (const chunk of stream) text += chunk
    } catch {
      // Whoever asked is gone.
      return
    }
    const token = String(headers[':path']).replace('/3/device/', '')
    const behaviour = this.behave(token, this.requests++)
    if (behaviour.kind === 'reset') return stream.session?.destroy()
    if (behaviour.kind === 'answer') {
      const { status, reason, retryAfter } = behaviour
      return answer(stream, status, reason, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) })
    }
    const fault = await this.#faultOf(headers, text)
    if (fault) {
      this.faults.push(fault.reason)
      return answer(stream, fault.status, fault.reason)
    }
    if (behaviour.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, behaviour.ms))
    this.#show(token, headers, text)
    if (behaviour.kind === 'taken-then-reset') return stream.session?.destroy()
    answer(stream, 200, undefined, { 'apns-id': crypto.randomUUID().toUpperCase() })
  }

  async #faultOf(headers: IncomingHttpHeaders, text: string): Promise<{ status: number; reason: string } | undefined> {
    const authorization = String(headers.authorization)
    if (!this.#proven.has(authorization)) {
      try {
        const { protectedHeader, payload } = await jwtVerify(
          authorization.replace(/^bearer /, ''),
          await importSPKI(this.#publicKey, 'ES256'),
          { issuer: this.teamId, maxTokenAge: '1h' },
        )
        if (protectedHeader.kid !== this.keyId || payload.iat === undefined) throw new Error('wrong key id')
      } catch {
        return { status: 403, reason: 'InvalidProviderToken' }
      }
      this.#proven.add(authorization)
    }
    if (headers['apns-topic'] === undefined) return { status: 400, reason: 'MissingTopic' }
    if (Buffer.byteLength(String(headers['apns-collapse-id'] ?? '')) > 64)
      return { status: 400, reason: 'BadCollapseId' }
    if (Buffer.byteLength(text) > longestBody) return { status: 413, reason: 'PayloadTooLarge' }
    const background = headers['apns-push-type'] === 'background'
    if (background && headers['apns-priority'] !== '5') return { status: 400, reason: 'BadPriority' }
    const { aps } = JSON.parse(text)
    if (background && ['alert', 'badge', 'sound'].some((name) => name in aps))
      return { status: 400, reason: 'a background push that shows something' }
    return undefined
  }

  #show(token: string, headers: IncomingHttpHeaders, text: string): void {
    const { aps, parley } = JSON.parse(text)
    this.devices.take({
      token,
      action: parley.action,
      collapseKey: String(headers['apns-collapse-id']),
      conversation: parley.conversation,
      count: parley.count,
      badge: parley.badge,
      title: aps.alert?.title,
      body: aps.alert?.body,
      at: Date.now(),
    })
  }
}

function answer(
  stream: ServerHttp2Stream,
  status: number,
  reason: string | undefined,
  headers: Record<string, string> = {},
): void {
  if (stream.destroyed) return
  stream.respond({ ':status': status, ...headers })
  stream.end(reason === undefined ? undefined : JSON.stringify({ reason }))
}
