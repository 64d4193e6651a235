import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Debian's package `faketime`; the variant for programs with threads. */
function findLibrary(): string | undefined {
  const folders = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime'))
  return folders
    .map((folder) => join(folder, 'libfaketimeMT.so.1'))
    .find((path) => {
      try {
        return readdirSync(join(path, '..')).length > 0
      } catch {
        return false
      }
    })
}

const library = findLibrary()

/** For the title of tests that are left out; '' when clocks can be faked. */
export const missingFaketime = library === undefined ? ' (faketime is not installed: apt-get install faketime)' : ''

/** The wall clock of one process, which a test sets while it runs; its monotonic clock is left alone. */
export class FakeClock {
  readonly #folder = mkdtempSync(join(tmpdir(), 'parley-clock-'))
  readonly #file = join(this.#folder, 'offset')

  constructor() {
    this.set(0)
  }

  /** For the process whose clock it is. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      // The process looks at the file again after so many seconds.
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    }
  }

  /** Milliseconds ahead of true time; within a second it is so. */
  set(ahead: number): void {
    const next = `${this.#file}.next`
    writeFileSync(next, `${ahead < 0 ? '-' : '+'}${Math.abs(ahead) / 1000}\n`)
    renameSync(next, this.#file)
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
