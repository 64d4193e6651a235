/** WebSocket subprotocols (rule S1). */
export const subprotocols = ['parley.1.json', 'parley.1.msgpack'] as const
export type Subprotocol = (typeof subprotocols)[number]

/** How frames become WebSocket messages. JSON travels as text, MessagePack as binary. */
export interface Codec {
  readonly subprotocol: Subprotocol
  encode(frame: object): string | Uint8Array
  /** @throws when the data is not of this codec. */
  decode(data: string | Uint8Array): unknown
}

export const jsonCodec: Codec = {
  subprotocol: 'parley.1.json',
  encode: (frame) => JSON.stringify(frame),
  decode: (data) => {
    if (typeof data !== 'string') throw new TypeError('JSON frames travel as text')
    return JSON.parse(data)
  },
}
