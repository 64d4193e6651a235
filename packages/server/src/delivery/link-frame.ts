import { msgpackCodec } from '@parley/protocol'

/** Largest frame that is made of several messages; a single message may be larger. */
const frameBytes = 1024 * 1024
const lengthBytes = 4

/** One message as it travels: its length, then `[topic, body]` in MessagePack. */
export function packMessage(topic: string, body: unknown): Uint8Array {
  const message = msgpackCodec.encode([topic, body]) as Uint8Array
  const bytes = Buffer.allocUnsafe(lengthBytes + message.length)
  bytes.writeUInt32BE(message.length, 0)
  bytes.set(message, lengthBytes)
  return bytes
}

/** Puts messages together into as few frames as may be. */
export function framesOf(messages: readonly Uint8Array[]): Uint8Array[] {
  const [only] = messages
  if (only && messages.length === 1) return [only]
  const frames: Uint8Array[] = []
  let start = 0
  let size = 0
  for (const [index, { length }] of messages.entries()) {
    if (size > 0 && size + length > frameBytes) {
      frames.push(Buffer.concat(messages.slice(start, index), size))
      start = index
      size = 0
    }
    size += length
  }
  if (size > 0) frames.push(Buffer.concat(messages.slice(start), size))
  return frames
}

/** @throws when the bytes are no frame */
export function* messagesOf(frame: Uint8Array): Generator<[topic: string, body: unknown]> {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.length)
  for (let at = 0; at < bytes.length; ) {
    const end = at + lengthBytes + bytes.readUInt32BE(at)
    if (end > bytes.length) throw new RangeError('a message ends behind its frame')
    yield msgpackCodec.decode(bytes.subarray(at + lengthBytes, end)) as [string, unknown]
    at = end
  }
}
