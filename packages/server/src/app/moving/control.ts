import { timingSafeEqual } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { errorStatus } from '@parley/protocol'
import { toAppError } from '../../lib/errors.ts'
import { type Random, randomToken } from '../../lib/random.ts'
import type { Departure } from '../../migration/moved-server.ts'
import type { HandOver } from './hand-over.ts'

const fileName = 'control.json'
const longestBody = 64 * 1024

/** Where a server that runs is steered, for whoever may read its data folder. */
export interface ControlAddress {
  url: string
  secret: string
}

/** undefined: no server runs there, or none that can be steered. */
export function controlAddressOf(folder: string): ControlAddress | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, fileName), 'utf8')) as ControlAddress
  } catch {
    return undefined
  }
}

/** What a body asks for, by name. */
export interface ControlRequest {
  watch: { name: string }
  unwatch: object
  forget: { upTo: number }
  freeze: { ms: number }
  thaw: object
  leave: { freeze: string; departure: Departure }
  status: object
}

/** Listens on loopback, for `parley migrate` on the same machine; who has not read the folder is not heard. */
export async function openControl(
  folder: string,
  handOver: HandOver,
  random: Random,
): Promise<{ close(): Promise<void> }> {
  const secret = randomToken(random, 32)
  const answers: { [Name in keyof ControlRequest]: (body: ControlRequest[Name]) => Promise<unknown> } = {
    watch: ({ name }) => handOver.watch(name),
    unwatch: () => handOver.unwatch(),
    forget: ({ upTo }) => handOver.forget(upTo),
    freeze: ({ ms }) => handOver.freeze(ms),
    thaw: () => handOver.thaw(),
    leave: ({ freeze, departure }) => handOver.leave(freeze, departure),
    status: async () => handOver.status,
  }
  const server = createServer(async (request, response) => {
    try {
      if (!isKnown(request, secret)) {
        response.writeHead(401).end()
        return
      }
      const answer = answers[(request.url ?? '').slice(1) as keyof ControlRequest]
      const body = (await readJson(request)) as never
      if (!answer) response.writeHead(404).end()
      else response.end(JSON.stringify({ result: (await answer(body)) ?? null }))
    } catch (error) {
      const { code, message, cause } = toAppError(error)
      const told = code === 'internal' ? String((cause as Error)?.message ?? cause) : message
      response.writeHead(errorStatus[code]).end(JSON.stringify({ code, message: told }))
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  server.unref()
  const { port } = server.address() as AddressInfo
  const path = join(folder, fileName)
  const address: ControlAddress = { url: `http://127.0.0.1:${port}`, secret }
  writeFileSync(`${path}.new`, `${JSON.stringify(address)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
  return {
    close: async () => {
      rmSync(path, { force: true })
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function isKnown(request: IncomingMessage, secret: string): boolean {
  const given = Buffer.from((request.headers.authorization ?? '').replace(/^Bearer /, ''))
  const wanted = Buffer.from(secret)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > longestBody) throw new Error('The body is too large.')
  }
  return text === '' ? {} : JSON.parse(text)
}
