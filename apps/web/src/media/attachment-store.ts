import { Dexie, type EntityTable } from 'dexie'
import type { Attachment } from './attachment.ts'

class AttachmentDatabase extends Dexie {
  declare readonly attachments: EntityTable<Attachment, 'id'>

  constructor() {
    super('parley.attachments')
    this.version(1).stores({ attachments: 'id, conversation' })
  }
}

/** Attachments over restarts, the same for every tab. */
export class AttachmentStore {
  readonly #database = new AttachmentDatabase()

  async put(attachment: Attachment): Promise<void> {
    await this.#database.attachments.put(attachment)
  }

  async change(id: string, changes: Partial<Attachment>): Promise<void> {
    await this.#database.attachments.update(id, changes)
  }

  async remove(id: string): Promise<void> {
    await this.#database.attachments.delete(id)
  }

  async clear(): Promise<void> {
    await this.#database.attachments.clear()
  }

  /** Oldest first. */
  async all(): Promise<Attachment[]> {
    return (await this.#database.attachments.toArray()).sort((a, b) => a.createdAt - b.createdAt)
  }
}
