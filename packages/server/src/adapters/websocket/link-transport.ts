import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { LinkPeer, LinkTransport, Wire, WireListener } from '../../delivery/link-transport.ts'
import type { LinkProof, LinkTerms } from './link-proof.ts'

/** Where links are opened on a node's HTTP server. */
export const linkPath = '/node-link'

const maxPayload = 16 * 1024 * 1024
/** Milliseconds that a handshake may take. */
const handshakeTimeout = 2000
const header = {
  from: 'parley-node',
  to: 'parley-to',
  nonce: 'parley-nonce',
  challenge: 'parley-challenge',
  proof: 'parley-proof',
}
const normalClosure = 1000

/**
 * Links over WebSockets on the HTTP server of each node. Before there is a socket both sides have proved that they
 * know the secret of the service: the first request is answered by a challenge, the second carries the dialler's proof,
 * its answer the proof of the other. What carries an `Origin` comes from a page and is turned away.
 */
export class WebSocketLinkTransport implements LinkTransport {
  readonly #self
  readonly #proof
  readonly #server = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false, clientTracking: true })
  #accept: ((from: string, wire: Wire) => WireListener) | undefined

  constructor(self: string, proof: LinkProof) {
    this.#self = self
    this.#proof = proof
    this.#server.on('headers', (headers, request) => {
      headers.push(`${header.proof}: ${this.#proof.of('accept', termsOf(request))}`)
    })
  }

  dial(peer: LinkPeer, listener: WireListener & { opened(): void }): Wire {
    return new DialledWire(`${peer.link.replace(/^http/, 'ws').replace(/\/$/, '')}${linkPath}`, listener, {
      proof: this.#proof,
      from: this.#self,
      to: peer.id,
    })
  }

  serve(accept: (from: string, wire: Wire) => WireListener): void {
    this.#accept = accept
  }

  /** The `upgrade` of the HTTP server at `linkPath`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    if (request.headers.origin !== undefined) return refuse(socket, '403 Forbidden')
    const terms = termsOf(request)
    if (terms.to !== this.#self || terms.from === '' || terms.nonce === '') return refuse(socket, '404 Not Found')
    if (terms.challenge === '') return this.#challenge(socket)
    const given = String(request.headers[header.proof] ?? '')
    if (!this.#proof.isProof('dial', terms, given) || !this.#proof.redeem(terms.challenge)) {
      return refuse(socket, '403 Forbidden')
    }
    const accept = this.#accept
    if (!accept) return refuse(socket, '503 Service Unavailable')
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      const listener = accept(terms.from, new AcceptedWire(ws))
      serve(ws, listener)
    })
  }

  /** Lets nobody in any more, and ends who is still there. */
  close(): void {
    this.#accept = undefined
    for (const ws of this.#server.clients) ws.terminate()
    this.#server.close()
  }

  #challenge(socket: Duplex): void {
    refuse(socket, '401 Unauthorized', `${header.challenge}: ${this.#proof.challenge()}\r\n`)
  }
}

class AcceptedWire implements Wire {
  readonly #ws

  constructor(ws: WebSocket) {
    this.#ws = ws
  }

  get buffered(): number {
    return this.#ws.bufferedAmount
  }

  send(bytes: Uint8Array): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(bytes)
  }

  close(): void {
    this.#ws.close(normalClosure)
  }

  terminate(): void {
    this.#ws.terminate()
  }
}

/** A wire that this node opens: asks for a challenge, then comes with the proof. */
class DialledWire implements Wire {
  readonly #url
  readonly #listener
  readonly #ends
  #ws: WebSocket
  #over = false

  constructor(
    url: string,
    listener: WireListener & { opened(): void },
    ends: { proof: LinkProof; from: string; to: string },
  ) {
    this.#url = url
    this.#listener = listener
    this.#ends = ends
    this.#ws = this.#ask()
  }

  get buffered(): number {
    return this.#ws.bufferedAmount
  }

  send(bytes: Uint8Array): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(bytes)
  }

  close(): void {
    this.#ws.close(normalClosure)
  }

  terminate(): void {
    this.#ws.terminate()
  }

  #ask(): WebSocket {
    const { proof, from, to } = this.#ends
    const terms = { from, to, nonce: proof.nonce(), challenge: '' }
    const ws = this.#connect(terms, '')
    ws.on('unexpected-response', (request, response) => {
      const challenge = String(response.headers[header.challenge] ?? '')
      request.destroy()
      if (challenge === '') return this.#end(ws, false)
      this.#ws = this.#answer({ ...terms, challenge })
    })
    // Whoever lets in without a proof is none of us.
    ws.on('open', () => ws.terminate())
    ws.on('close', () => this.#end(ws, false))
    return ws
  }

  #answer(terms: LinkTerms): WebSocket {
    const { proof } = this.#ends
    const ws = this.#connect(terms, proof.of('dial', terms))
    let [proven, opened] = [false, false]
    ws.on('upgrade', (response) => {
      proven = proof.isProof('accept', terms, String(response.headers[header.proof] ?? ''))
    })
    ws.on('open', () => {
      if (!proven) return ws.terminate()
      opened = true
      serve(ws, { message: (bytes) => this.#listener.message(bytes), closed: (orderly) => this.#end(ws, orderly) })
      this.#listener.opened()
    })
    ws.on('close', () => opened || this.#end(ws, false))
    return ws
  }

  #connect({ from, to, nonce, challenge }: LinkTerms, given: string): WebSocket {
    const all = { [header.from]: from, [header.to]: to, [header.nonce]: nonce }
    const headers = challenge === '' ? all : { ...all, [header.challenge]: challenge, [header.proof]: given }
    const ws = new WebSocket(this.#url, { headers, handshakeTimeout, maxPayload, perMessageDeflate: false })
    ws.on('error', () => {})
    return ws
  }

  /** The socket that only asked ends when the next one comes: that is no end of the wire. */
  #end(of: WebSocket, orderly: boolean): void {
    if (this.#over || of !== this.#ws) return
    this.#over = true
    this.#listener.closed(orderly)
  }
}

function serve(ws: WebSocket, listener: WireListener): void {
  ws.on('error', () => {})
  ws.on('message', (data: Buffer, isBinary) => isBinary && listener.message(data))
  ws.on('close', (code) => listener.closed(code === normalClosure))
}

function termsOf({ headers }: IncomingMessage): LinkTerms {
  const of = (name: string): string => String(headers[name] ?? '')
  return {
    from: of(header.from),
    to: of(header.to),
    nonce: of(header.nonce),
    challenge: of(header.challenge),
  }
}

function refuse(socket: Duplex, status: string, more = ''): void {
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n${more}\r\n`)
}
