/** One client's connection, whatever carries it: a WebSocket, or a pair of ends in a simulation. */
export interface Connection {
  /** Writes are gathered until the end of the turn of the event loop. */
  send(data: string | Uint8Array): void
  /** One message of text in two parts; `end` (UTF-8) may be shared with other connections. */
  sendInParts(start: string, end: Uint8Array): void
  close(code: number, reason: string): void
  /** Ends it without a handshake, for a peer that does not answer. */
  terminate(): void
  /** The peer takes no more for now. Once this was true, `drained` or `closed` is told when it is not so any more. */
  readonly full: boolean
  /** Stops reading, so that the peer feels it; reading goes on with `resume`. */
  pause(): void
  resume(): void
}

/** What a connection tells the one who serves it. */
export interface ConnectionListener {
  /** Text for JSON, bytes for MessagePack. */
  message(data: string | Uint8Array): void
  /** The peer took all that it was sent, after the connection was full. */
  drained(): void
  closed(): void
}
