import { type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Duplex } from 'node:stream'

/** Headers of one hop. */
const ownHeaders = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade'])

/** Passes a request on as it came, and the answer back. */
export function forward(request: IncomingMessage, response: ServerResponse, to: string): void {
  const upstream = open(request, to, headersOf(request))
  upstream.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, withoutOwn(answer.headers))
    answer.pipe(response)
  })
  upstream.on('error', () => {
    if (response.headersSent) response.destroy()
    else response.writeHead(503, { 'retry-after': '1', 'content-length': '0' }).end()
  })
  response.on('close', () => upstream.destroy())
  request.pipe(upstream)
}

/** Passes a request for a socket on, and whatever is said over it from then on. */
export function forwardSocket(request: IncomingMessage, socket: Duplex, head: Buffer, to: string): void {
  const upstream = open(request, to, { ...headersOf(request), connection: 'Upgrade', upgrade: request.headers.upgrade })
  socket.on('error', () => upstream.destroy())
  upstream.on('upgrade', (answer, other, otherHead) => {
    socket.write(`${headOf(answer)}\r\n`)
    if (otherHead.length > 0) socket.write(otherHead)
    if (head.length > 0) other.write(head)
    join(socket, other)
    join(other, socket)
  })
  upstream.on('response', (answer) => {
    socket.write(`${headOf(answer)}\r\n`)
    answer.pipe(socket)
  })
  upstream.on('error', () =>
    socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n'),
  )
  upstream.end()
}

function open(request: IncomingMessage, to: string, headers: object) {
  const url = new URL(request.url ?? '/', to)
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  return send(url, { method: request.method, headers: headers as Record<string, string>, setHost: false })
}

function headersOf(request: IncomingMessage): Record<string, string | string[] | undefined> {
  const address = request.socket.remoteAddress
  const before = request.headers['x-forwarded-for']
  const forwarded = [before, address].flat().filter((part) => part !== undefined)
  return { ...withoutOwn(request.headers), 'x-forwarded-for': forwarded.join(', ') }
}

function withoutOwn(headers: IncomingMessage['headers']): Record<string, string | string[] | undefined> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.has(name)))
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  let head = `HTTP/1.1 ${statusCode} ${statusMessage}\r\n`
  for (let index = 0; index < rawHeaders.length; index += 2)
    head += `${rawHeaders[index]}: ${rawHeaders[index + 1]}\r\n`
  return head
}

function join(from: Duplex, to: Duplex): void {
  from.pipe(to)
  from.on('error', () => to.destroy())
  from.on('close', () => to.destroy())
}
