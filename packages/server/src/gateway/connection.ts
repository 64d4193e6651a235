/** One client's connection, whatever carries it: a WebSocket, or a pair of ends in a simulation. */
export interface Connection {
  /** Writes are gathered until the end of the turn of the event loop. */
  send(data: string | Uint8Array): void
  close(code: number, reason: string): void
  /** Ends it without a handshake, for a peer that does not answer. */
  terminate(): void
  /** Bytes that the peer has not taken yet. */
  readonly buffered: number
  /** Stops reading, so that the peer feels it; reading goes on with `resume`. */
  pause(): void
  resume(): void
}

/** What a connection tells the one who serves it. */
export interface ConnectionListener {
  /** Text for JSON, bytes for MessagePack. */
  message(data: string | Uint8Array): void
  /** The peer took what was buffered. */
  drained(): void
  closed(): void
}
