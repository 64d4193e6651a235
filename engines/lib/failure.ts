import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** Something a person can act on: shown without a stack. */
export class EngineFailure extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'EngineFailure'
  }
}

/** Last lines of a log, indented; empty when there is none. */
export function lastLines(path: string, lines = 15): string {
  try {
    const file = openSync(path, 'r')
    try {
      const { size } = fstatSync(file)
      const tail = Buffer.alloc(Math.min(size, 16_384))
      readSync(file, tail, 0, tail.length, size - tail.length)
      const kept = tail.toString('utf8').trimEnd().split('\n').slice(-lines)
      return kept.map((line) => `    ${line}`).join('\n')
    } finally {
      closeSync(file)
    }
  } catch {
    return ''
  }
}
