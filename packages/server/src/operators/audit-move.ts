import type { AuditEntry } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'

/** Port: where what operators did comes from. */
export interface AuditExport {
  pageOfEntries(after: string | undefined, limit: number): Promise<KeyPage>
  entries(ids: readonly string[]): Promise<AuditEntry[]>
}
