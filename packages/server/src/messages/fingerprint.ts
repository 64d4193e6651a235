import { hash } from 'node:crypto'

/** What two sends under one clientMessageId are compared by (rule D2). `asked` is canonical: fields in fixed order. */
export function fingerprintOf(asked: string): string {
  return hash('sha256', asked, 'hex')
}
