/**
 * Reads `seq` and `pos` out of an event's bytes without parsing it. A server writes its events alike, so a key is
 * looked for first where it was the last time.
 */
export class EventScan {
  readonly #seq = new KeyFinder('"seq":')
  readonly #pos = new KeyFinder('"pos":"')

  /** The number behind `"seq":`, or 0 when there is none. */
  seq(bytes: Buffer, from: number, to: number): number {
    let at = this.#seq.find(bytes, from, to)
    let value = 0
    if (at < 0) return 0
    for (let digit = bytes[at]! - 48; digit >= 0 && digit <= 9; digit = bytes[at]! - 48) {
      value = value * 10 + digit
      at += 1
    }
    return value
  }

  pos(bytes: Buffer, from: number, to: number): string | undefined {
    const at = this.#pos.find(bytes, from, to)
    if (at < 0) return undefined
    return bytes.toString('latin1', at, bytes.indexOf(0x22, at))
  }
}

const eventStart = Buffer.from('{"t":"event"')

/** True for a single event frame; a server that writes `t` elsewhere, or arrays, is parsed instead. */
export function isEvent(bytes: Buffer, from: number): boolean {
  for (let at = 0; at < eventStart.length; at++) if (bytes[from + at] !== eventStart[at]) return false
  return true
}

class KeyFinder {
  readonly #key: Buffer
  #offset = 0

  constructor(key: string) {
    this.#key = Buffer.from(key)
  }

  /** Where the value behind the key begins, or -1. */
  find(bytes: Buffer, from: number, to: number): number {
    const hint = from + this.#offset
    if (hint + this.#key.length < to && this.#isAt(bytes, hint)) return hint + this.#key.length
    const found = bytes.indexOf(this.#key, from)
    if (found < 0 || found >= to) return -1
    this.#offset = found - from
    return found + this.#key.length
  }

  #isAt(bytes: Buffer, at: number): boolean {
    for (let index = 0; index < this.#key.length; index++) {
      if (bytes[at + index] !== this.#key[index]) return false
    }
    return true
  }
}
