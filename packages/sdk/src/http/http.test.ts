import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { defaultEnvironment } from '../lib/defaults.ts'
import { OfflineError } from '../lib/errors.ts'
import { Addresses } from './addresses.ts'
import { Http } from './http.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** A server; `breaking`: one that takes what it is asked and dies of it. */
async function listen({ breaking = false } = {}): Promise<{ url: string; asked: string[]; close: () => void }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (breaking) request.socket.destroy()
    else response.end('{"fine":true}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  open.push(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close }
}

function httpOf(...servers: string[]): Http {
  const { fetch, clock } = defaultEnvironment()
  return new Http({ addresses: new Addresses(servers), fetch, clock, token: () => 'token' })
}

const make = { method: 'POST', path: '/v1/conversations', body: {} } as const

describe('calls at several addresses', () => {
  it('go to the next one when there was no connection, whatever they are', async () => {
    const [dead, alive] = [await listen(), await listen()]
    dead.close()
    expect(await httpOf(dead.url, alive.url).call(make)).toEqual({ fine: true })
    expect(alive.asked).toEqual(['POST /v1/conversations'])
  })

  it('that may have changed something are not made again by themselves; what only asks is', async () => {
    const [breaking, alive] = [await listen({ breaking: true }), await listen()]
    await expect(httpOf(breaking.url, alive.url).call(make)).rejects.toThrow(OfflineError)
    expect(alive.asked).toEqual([])
    expect(await httpOf(breaking.url, alive.url).call({ method: 'GET', path: '/v1/me' })).toEqual({ fine: true })
    expect(alive.asked).toEqual(['GET /v1/me'])
  })

  it('for one of them stay with it', async () => {
    const [dead, alive] = [await listen(), await listen()]
    dead.close()
    const http = httpOf(alive.url, dead.url)
    await expect(http.call({ ...make, address: dead.url })).rejects.toThrow(OfflineError)
    expect(await http.call(make)).toEqual({ fine: true })
  })
})
