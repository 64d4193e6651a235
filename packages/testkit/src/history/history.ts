import { writeFileSync } from 'node:fs'
import type { HistoryRecord, RecordOf, RecordType } from './record.ts'

/** What happened in a run, in one order: clients and servers of a test write here. */
export class History {
  readonly records: HistoryRecord[] = []
  #sessions = 0

  add(record: HistoryRecord): void {
    this.records.push(record)
  }

  nextSession(): number {
    return ++this.#sessions
  }

  of<Type extends RecordType>(type: Type): RecordOf<Type>[] {
    return this.records.filter((record): record is RecordOf<Type> => record.type === type)
  }

  /** One JSON record per line, for looking at a run that broke a promise. */
  save(file: string): void {
    writeFileSync(file, this.records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  }
}
