/** Another node as links see it. */
export interface LinkPeer {
  id: string
  /** Where its links are opened, e.g. `http://10.0.0.7:8080`. */
  link: string
}

/** One opened way between two nodes. Bytes arrive whole and in order, or the wire closes. */
export interface Wire {
  send(bytes: Uint8Array): void
  /** Bytes that were not taken by the network yet. */
  readonly buffered: number
  /** Ends it once everything was sent; the other side hears that nothing was lost. */
  close(): void
  /** Ends it at once. */
  terminate(): void
}

export interface WireListener {
  message(bytes: Uint8Array): void
  /** Told once. `orderly`: everything that was sent has arrived. */
  closed(orderly: boolean): void
}

/** Port: carries bytes between nodes that proved to each other that they belong together. */
export interface LinkTransport {
  /** Opens a wire to that very node; `opened` is told when it is, or `closed`. */
  dial(peer: LinkPeer, listener: WireListener & { opened(): void }): Wire
  /** Takes the wires that others open; `from` is the id of the node at the other end. */
  serve(accept: (from: string, wire: Wire) => WireListener): void
}
