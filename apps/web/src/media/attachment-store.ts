import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Attachment } from './attachment.ts'

interface Schema extends DBSchema {
  attachments: { key: string; value: Attachment }
}

/** Attachments over restarts, the same for every tab. */
export class AttachmentStore {
  readonly #database: Promise<IDBPDatabase<Schema>> = openDB<Schema>('parley.attachments', 1, {
    upgrade: (database) => void database.createObjectStore('attachments', { keyPath: 'id' }),
  })

  async put(attachment: Attachment): Promise<void> {
    await (await this.#database).put('attachments', attachment)
  }

  /** Nothing when it is gone. */
  async change(id: string, changes: Partial<Attachment>): Promise<void> {
    const { store, done } = (await this.#database).transaction('attachments', 'readwrite')
    const kept = await store.get(id)
    if (kept) await store.put({ ...kept, ...changes })
    await done
  }

  async get(id: string): Promise<Attachment | undefined> {
    return (await this.#database).get('attachments', id)
  }

  async remove(id: string): Promise<void> {
    await (await this.#database).delete('attachments', id)
  }

  async clear(): Promise<void> {
    await (await this.#database).clear('attachments')
  }

  /** Oldest first. */
  async all(): Promise<Attachment[]> {
    return (await (await this.#database).getAll('attachments')).sort((a, b) => a.createdAt - b.createdAt)
  }
}
