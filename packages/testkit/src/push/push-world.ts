import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerInfo } from '@parley/client'
import type { Content } from '@parley/protocol'
import { ProcessNode } from '../process-node.ts'
import { type Account, RawApi } from '../raw-api.ts'
import type { Received } from './behaviour.ts'
import { FakeApns } from './fake-apns.ts'
import { FakeFcm } from './fake-fcm.ts'
import { FakeWebPush } from './fake-web-push.ts'

export const appTopic = 'org.example.app'

/** A server, and the push services of Apple, Google and a browser vendor that it is configured for. */
export class PushWorld {
  readonly node: ProcessNode
  readonly apns: FakeApns
  readonly fcm: FakeFcm
  readonly webPush: FakeWebPush
  readonly #folder: string

  private constructor(folder: string, node: ProcessNode, services: [FakeApns, FakeFcm, FakeWebPush]) {
    this.#folder = folder
    this.node = node
    this.apns = services[0]
    this.fcm = services[1]
    this.webPush = services[2]
  }

  static async start(options: { args?: readonly string[]; env?: Record<string, string> } = {}): Promise<PushWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-push-'))
    const [apns, fcm] = [await FakeApns.start(), await FakeFcm.start()]
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text)
      return name
    }
    const { keyId, teamId } = apns
    const config = {
      apns: [
        {
          keyFile: file('apns.p8', apns.key),
          keyId,
          teamId,
          topics: [appTopic],
          hosts: { production: apns.url, sandbox: apns.url },
          caFile: file('ca.pem', apns.certificate.cert),
        },
      ],
      fcm: [
        { name: 'main', serviceAccountFile: file('google.json', JSON.stringify(fcm.serviceAccount)), host: fcm.url },
      ],
      webpush: { subject: 'mailto:operator@example.org', privateAddresses: true, caFile: 'ca.pem' },
    }
    const push = join(folder, file('push.json', JSON.stringify(config)))
    const { args = [], env } = options
    const limits = ['--rate-limits', 'off', '--push', push]
    const node = await ProcessNode.start({
      data: join(folder, 'data'),
      args: [...limits, ...args],
      ...(env ? { env } : {}),
    })
    const { vapidPublicKey = '' } = await new RawApi(node.url).call<ServerInfo>('GET', '/v1/server')
    const webPush = await FakeWebPush.start(vapidPublicKey, apns.certificate)
    return new PushWorld(folder, node, [apns, fcm, webPush])
  }

  /** Registers a device with one of the services. @returns what the service calls it */
  async register(account: Account, provider: 'apns' | 'fcm' | 'webpush'): Promise<string> {
    const token = randomBytes(16).toString('hex')
    const registration = {
      apns: () => ({ provider, token, topic: appTopic, environment: 'production' }),
      fcm: () => ({ provider, token }),
      webpush: () => ({ provider, subscription: this.webPush.subscribe(token) }),
    }[provider]()
    await new RawApi(this.node.url, account.token).call('PUT', '/v1/me/devices/current/push', registration)
    return token
  }

  /** What the device shows now. */
  shown(token: string): Received[] {
    return [this.apns, this.fcm, this.webPush].flatMap(({ devices }) => devices.shownOn(token))
  }

  /** Everything that was ever sent to the device. */
  received(token: string): Received[] {
    return [this.apns, this.fcm, this.webPush].flatMap(({ devices }) =>
      devices.received.filter((push) => push.token === token),
    )
  }

  /** `more`: other fields of the body, a `clientMessageId` of one's own among them. */
  async say(account: Account, conversation: string, content: Content, more: object = {}): Promise<number> {
    const clientMessageId = randomBytes(12).toString('base64url')
    const path = `/v1/conversations/${conversation}/messages`
    const body = { clientMessageId, content, ...more }
    const { seq } = await new RawApi(this.node.url, account.token).call<{ seq: number }>('POST', path, body)
    return seq
  }

  get faults(): string[] {
    return [this.apns, this.fcm, this.webPush].flatMap(({ faults }) => faults)
  }

  async stop(): Promise<void> {
    await this.node.close()
    await Promise.all([this.apns.stop(), this.fcm.stop(), this.webPush.stop()])
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
