const finalText = 0x81
const longest = { in7Bits: 125, in16Bits: 0xffff }

/** The start of a server's text frame (RFC 6455, 5.2): header and `start`; `more` bytes follow. */
export function textFrameStart(start: string, more: number): Uint8Array {
  const payload = Buffer.byteLength(start) + more
  const header = payload <= longest.in7Bits ? 2 : payload <= longest.in16Bits ? 4 : 10
  const frame = Buffer.allocUnsafe(header + payload - more)
  frame[0] = finalText
  if (header === 2) frame[1] = payload
  else if (header === 4) {
    frame[1] = 126
    frame.writeUInt16BE(payload, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(payload), 2)
  }
  frame.write(start, header)
  return frame
}
