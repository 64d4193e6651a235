import { Packr } from 'msgpackr'
import { type Codec, jsonCodec } from './codec.ts'

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
