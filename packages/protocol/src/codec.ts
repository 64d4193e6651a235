import { Packr } from 'msgpackr'

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

const packr = new Packr({ useRecords: false, mapsAsObjects: true, variableMapSize: true })

/** Plain MessagePack: string keys, no extensions (rule S1). */
export const msgpackCodec: Codec = {
  subprotocol: 'parley.1.msgpack',
  encode: (frame) => packr.pack(frame),
  decode: (data) => {
    if (typeof data === 'string') throw new TypeError('MessagePack frames travel as binary')
    return packr.unpack(data)
  },
}

export function codecFor(subprotocol: string): Codec {
  return subprotocol === 'parley.1.msgpack' ? msgpackCodec : jsonCodec
}
