import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { ProcessNode } from './process-node.ts'

let folder: string
let node: ProcessNode | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-tls-'))
})

afterEach(async () => {
  await node?.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Pair {
  cert: string
  key: string
}

/** A self-signed certificate for this machine. */
function makePair(name: string): Pair {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-out', cert, '-keyout', key], { stdio: 'pipe' })
  return { cert, key }
}

function copy(from: Pair, to: Pair): void {
  copyFileSync(from.cert, to.cert)
  copyFileSync(from.key, to.key)
}

const start = (pair: Pair) =>
  ProcessNode.start({ data: join(folder, 'data'), args: ['--tls-cert', pair.cert, '--tls-key', pair.key] })

/** The name in the certificate that is shown now. */
function nameShown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

function post(url: string, ca: Buffer | string, body: object): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const sent = request(url, { method: 'POST', ca, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
    sent.once('error', reject)
    sent.end(JSON.stringify(body))
  })
}

describe('a server with a certificate', () => {
  it('serves HTTP and sockets over TLS, and nothing in the clear', async () => {
    const pair = makePair('first')
    const ca = readFileSync(pair.cert)
    node = await start(pair)
    expect(node.url).toBe(`https://127.0.0.1:${node.port}`)
    const account = { username: 'alice', password: 'correct horse', device: { name: 'phone' } }
    const answer = await post(`${node.url}/v1/accounts`, ca, account)
    expect(answer.status).toBe(201)
    const socket = new WebSocket(`wss://127.0.0.1:${node.port}/v1/socket`, { ca })
    const first = new Promise<string>((resolve, reject) => {
      socket.once('message', (data) => resolve(String(data)))
      socket.once('error', reject)
    })
    socket.once('open', () => socket.send(JSON.stringify({ t: 'hello', token: JSON.parse(answer.body).token })))
    expect(JSON.parse(await first)).toMatchObject({ t: 'welcome' })
    socket.terminate()
    await expect(fetch(`http://127.0.0.1:${node.port}/v1/server`)).rejects.toThrow()
    expect((await node.sigterm()).code).toBe(0)
  })

  it('shows a renewed certificate without a restart, and keeps the present one when the new is broken', {
    timeout: 60_000,
  }, async () => {
    const [used, other] = [makePair('first'), makePair('second')]
    node = await start(used)
    expect(await nameShown(node.port)).toBe('first')
    copyFileSync(other.cert, used.cert)
    // The key that fits is not there yet: the present pair stays in use.
    await expect.poll(() => node?.output, { timeout: 20_000 }).toContain('the renewed certificate cannot be used')
    expect(await nameShown(node.port)).toBe('first')
    copy(other, used)
    await expect.poll(() => nameShown(node?.port ?? 0), { timeout: 20_000 }).toBe('second')
    expect(node.starts).toBe(1)
  })

  it('does not start with files that are no pair, or with one alone', async () => {
    const [first, second] = [makePair('first'), makePair('second')]
    const begin = (args: string[]) => ProcessNode.start({ data: join(folder, 'data'), args })
    await expect(begin(['--tls-cert', first.cert])).rejects.toThrow('--tls-cert and --tls-key go together')
    await expect(begin(['--tls-cert', first.cert, '--tls-key', second.key])).rejects.toThrow(/key/i)
    writeFileSync(first.key, 'nothing of the kind')
    await expect(begin(['--tls-cert', first.cert, '--tls-key', first.key])).rejects.toThrow('ended before it was ready')
    await expect(begin(['--tls-cert', first.cert, '--tls-key', join(folder, 'missing')])).rejects.toThrow('missing')
    node = await start(second)
  })
})
