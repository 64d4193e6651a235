import type { MessageUpdate } from '@parley/protocol'

const numberDigits = 10
const textBytes = 150
const filler = ' the quick brown fox jumps over the lazy dog and'.repeat(4).slice(0, textBytes - numberDigits)

/** A text of 150 bytes that begins with the message's number, so that its receiver can tell when it was due. */
export function messageText(number: number): string {
  return String(number).padStart(numberDigits, '0') + filler
}

const remembered = 1 << 20

/** When each message was meant to be sent; forgets all but the last million. */
export class IntendedTimes {
  readonly #times = new Float64Array(remembered)
  #next = 1

  /** Returns the message's number. */
  add(intended: number): number {
    const number = this.#next++
    this.#times[number & (remembered - 1)] = intended
    return number
  }

  of(number: number): number {
    return this.#times[number & (remembered - 1)] ?? 0
  }

  ofMessage({ content }: MessageUpdate): number {
    return 'text' in content && content.text !== undefined ? this.of(Number(content.text.slice(0, numberDigits))) : 0
  }
}
