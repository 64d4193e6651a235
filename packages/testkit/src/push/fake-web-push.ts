import { createECDH, type ECDH, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { WebPushSubscription } from '@parley/protocol'
import { decrypt } from 'http_ece'
import { importJWK, jwtVerify } from 'jose'
import { type Behave, Devices, taking } from './behaviour.ts'
import { type Certificate, makeCertificate } from './certificate.ts'

interface Subscriber {
  keys: ECDH
  auth: Buffer
}

/** A browser vendor's push service and the browsers behind it: each message is decrypted with the subscription's keys. */
export class FakeWebPush {
  readonly devices = new Devices()
  readonly faults: string[] = []
  readonly certificate: Certificate
  behave: Behave = taking
  requests = 0
  readonly #subscribers = new Map<string, Subscriber>()
  readonly #server: Server
  readonly #publicKey

  private constructor(publicKey: string, certificate: Certificate) {
    this.#publicKey = publicKey
    this.certificate = certificate
    this.#server = createServer(certificate, (request, response) => void this.#serve(request, response))
  }

  /** `publicKey`: the server's VAPID key, as `GET /v1/server` tells it. */
  static async start(publicKey: string, certificate = makeCertificate()): Promise<FakeWebPush> {
    const fake = new FakeWebPush(publicKey, certificate)
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** What a browser's `pushManager.subscribe` gives. `name` is what the fake calls the device. */
  subscribe(name: string): WebPushSubscription {
    const keys = createECDH('prime256v1')
    keys.generateKeys()
    const auth = randomBytes(16)
    this.#subscribers.set(name, { keys, auth })
    return {
      endpoint: `${this.url}/push/${name}`,
      expirationTime: null,
      keys: { p256dh: keys.getPublicKey('base64url'), auth: auth.toString('base64url') },
    }
  }

  /** The user took the permission away: the service answers 410 from now on. */
  unsubscribe(name: string): void {
    this.#subscribers.delete(name)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer)
    } catch {
      // Whoever asked is gone.
      return
    }
    const name = String(request.url).replace('/push/', '')
    const behaviour = this.behave(name, this.requests++)
    if (behaviour.kind === 'reset') return void request.socket.destroy()
    if (behaviour.kind === 'answer') {
      if (behaviour.retryAfter !== undefined) response.setHeader('retry-after', behaviour.retryAfter)
      response.statusCode = behaviour.status
      return void response.end()
    }
    const subscriber = this.#subscribers.get(name)
    response.statusCode = subscriber ? await this.#take(name, subscriber, request, Buffer.concat(chunks)) : 410
    if (behaviour.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, behaviour.ms))
    if (behaviour.kind === 'taken-then-reset') return void request.socket.destroy()
    response.end()
  }

  async #take(name: string, { keys, auth }: Subscriber, request: IncomingMessage, body: Buffer): Promise<number> {
    const { authorization, topic, ttl } = request.headers
    try {
      await this.#prove(String(authorization))
      if (request.headers['content-encoding'] !== 'aes128gcm' || ttl === undefined) throw new Error('headers')
      if (topic !== undefined && !/^[A-Za-z0-9_-]{1,32}$/.test(String(topic))) throw new Error('topic')
      if (body.length > 4096) throw new Error('too large')
    } catch (error) {
      this.faults.push(String(error))
      return 403
    }
    const text = decrypt(body, { version: 'aes128gcm', privateKey: keys, authSecret: auth.toString('base64url') })
    const push = JSON.parse(text.toString())
    if (push.tag !== topic) this.faults.push('topic and tag differ')
    this.devices.take({
      token: name,
      action: push.action,
      collapseKey: push.tag,
      conversation: push.conversation,
      count: push.count,
      badge: push.badge,
      title: push.title,
      body: push.body,
      at: Date.now(),
    })
    return 201
  }

  /** RFC 8292: `vapid t=<JWT>, k=<public key>`. */
  async #prove(authorization: string): Promise<void> {
    const [, token, key] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization) ?? []
    if (token === undefined || key !== this.#publicKey) throw new Error('vapid')
    const point = Buffer.from(key, 'base64url')
    const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')]
    await jwtVerify(token, await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256'), { audience: this.url })
  }
}
