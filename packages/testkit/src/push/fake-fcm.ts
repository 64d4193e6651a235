import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { importSPKI, jwtVerify } from 'jose'
import { type Behave, Devices, taking } from './behaviour.ts'

const project = 'parley-test'
const keyId = 'key-1'
const email = 'push@parley-test.example'

/** Google's token endpoint and FCM v1 as far as their protocol goes. */
export class FakeFcm {
  readonly devices = new Devices()
  readonly faults: string[] = []
  behave: Behave = taking
  requests = 0
  /** How many access tokens were given. */
  exchanges = 0
  readonly #tokens = new Set<string>()
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async start(): Promise<FakeFcm> {
    const fake = new FakeFcm()
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The JSON file that Google gives for a service account. */
  get serviceAccount() {
    return {
      type: 'service_account',
      project_id: project,
      private_key_id: keyId,
      private_key: this.#keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      client_email: email,
      token_uri: `${this.url}/token`,
    }
  }

  /** Access tokens that were given are good for nothing any more. */
  forgetTokens(): void {
    this.#tokens.clear()
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    request.setEncoding('utf8')
    try {
      for await (const chunk of request) text += chunk
    } catch {
      // Whoever asked is gone.
      return
    }
    if (request.url === '/token') return this.#exchange(text, response)
    if (request.url !== `/v1/projects/${project}/messages:send`) return refuse(response, 404, 'NOT_FOUND')
    if (!this.#tokens.has(String(request.headers.authorization))) return refuse(response, 401, 'UNAUTHENTICATED')
    const { message } = JSON.parse(text)
    const behaviour = this.behave(message.token, this.requests++)
    if (behaviour.kind === 'reset') return void request.socket.destroy()
    if (behaviour.kind === 'answer') {
      if (behaviour.retryAfter !== undefined) response.setHeader('retry-after', behaviour.retryAfter)
      return refuse(response, behaviour.status, behaviour.reason ?? 'UNAVAILABLE')
    }
    if (Object.values(message.data).some((value) => typeof value !== 'string')) {
      this.faults.push('data is not text')
      return refuse(response, 400, 'INVALID_ARGUMENT')
    }
    if (behaviour.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, behaviour.ms))
    this.devices.take({
      token: message.token,
      action: message.data.action,
      collapseKey: message.android.notification?.tag ?? message.android.collapse_key,
      conversation: message.data.conversation,
      count: Number(message.data.count),
      badge: Number(message.data.badge),
      title: message.notification?.title,
      body: message.notification?.body,
      at: Date.now(),
    })
    if (behaviour.kind === 'taken-then-reset') return void request.socket.destroy()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ name: `projects/${project}/messages/${this.requests}` }))
  }

  async #exchange(text: string, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(text)
    try {
      if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') throw new Error('grant_type')
      const publicKey = this.#keys.publicKey.export({ type: 'spki', format: 'pem' }) as string
      const { payload } = await jwtVerify(String(form.get('assertion')), await importSPKI(publicKey, 'RS256'), {
        issuer: email,
        audience: `${this.url}/token`,
      })
      if (!String(payload.scope).includes('firebase.messaging')) throw new Error('scope')
    } catch (error) {
      this.faults.push(String(error))
      return refuse(response, 400, 'invalid_grant')
    }
    this.exchanges++
    const token = `access-${this.exchanges}`
    this.#tokens.add(`Bearer ${token}`)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ access_token: token, expires_in: 3599, token_type: 'Bearer' }))
  }
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.statusCode = status
  response.setHeader('content-type', 'application/json')
  const type = 'type.googleapis.com/google.firebase.fcm.v1.FcmError'
  response.end(
    JSON.stringify({ error: { code: status, status: reason, details: [{ '@type': type, errorCode: reason }] } }),
  )
}
