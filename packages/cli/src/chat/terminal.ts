import type { ReadStream, WriteStream } from 'node:tty'
import { type Key, parseKeys } from './keys.ts'

/** The whole terminal: alternate screen, raw keys; given back as it was, whatever happens. */
export class Terminal {
  readonly #input
  readonly #output
  #shown: string[] = []
  #open = false

  constructor(input: ReadStream, output: WriteStream) {
    this.#input = input
    this.#output = output
  }

  get columns(): number {
    return Math.max(this.#output.columns || 80, 20)
  }

  get rows(): number {
    return Math.max(this.#output.rows || 24, 6)
  }

  open(onKey: (key: Key) => void, onResize: () => void): void {
    this.#open = true
    this.#input.setRawMode(true)
    this.#input.setEncoding('utf8')
    this.#input.resume()
    this.#input.on('data', (data) => {
      for (const key of parseKeys(String(data))) onKey(key)
    })
    this.#output.on('resize', () => {
      this.#shown = []
      this.#output.write('\u001b[2J')
      onResize()
    })
    this.#output.write('\u001b[?1049h\u001b[?25l\u001b[2J')
    process.once('exit', () => this.close())
  }

  /** Writes the rows that changed. */
  show(rows: readonly string[]): void {
    if (!this.#open) return
    let changes = ''
    for (const [index, row] of rows.entries()) {
      if (this.#shown[index] !== row) changes += `\u001b[${index + 1};1H${row}\u001b[K`
    }
    this.#shown = [...rows]
    if (changes !== '') this.#output.write(changes)
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#output.write('\u001b[?25h\u001b[?1049l')
    this.#input.setRawMode(false)
    this.#input.pause()
  }
}
