import { ParleyError, type UploadTask, uploadWith } from '@parley/client'
import type { ConversationId } from '@parley/protocol'
import type { Device } from '../client/device.ts'
import type { Attachment, UploadState } from './attachment.ts'
import { AttachmentStore } from './attachment-store.ts'

const name = 'parley.attachments'
const none: readonly Attachment[] = []

/**
 * What is to be sent with media, durable in the browser: uploaded by the tab that holds its lock, gone on with by
 * another one or after a restart, and then said in a message of the same name, so that it is there once.
 */
export class Attachments {
  readonly #device
  readonly #store = new AttachmentStore()
  readonly #channel = new BroadcastChannel(name)
  readonly #listeners = new Set<() => void>()
  readonly #states = new Map<string, UploadState>()
  readonly #tasks = new Map<string, UploadTask>()
  /** Those this tab has the lock of, or waits for. */
  readonly #taken = new Set<string>()
  #byConversation = new Map<ConversationId, readonly Attachment[]>()

  constructor(device: Device) {
    this.#device = device
    this.#channel.onmessage = () => void this.#load()
    device.view.on('dropped', (what) => what === 'all' && void this.#store.clear().then(() => this.#changed()))
    void this.#load()
  }

  readonly on = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  of(conversation: ConversationId): readonly Attachment[] {
    return this.#byConversation.get(conversation) ?? none
  }

  state(id: string): UploadState {
    return this.#states.get(id) ?? waiting
  }

  /** Resolves when it is kept: from then on it is sent, whatever happens. */
  async add(attachment: Attachment): Promise<void> {
    await this.#store.put(attachment)
    await this.#changed()
  }

  pause(id: string): void {
    const state = this.state(id)
    this.#tasks.get(id)?.pause()
    if (state.status === 'uploading') this.#set(id, { ...state, status: 'paused' })
  }

  resume(id: string): void {
    const state = this.state(id)
    this.#tasks.get(id)?.resume()
    if (state.status === 'paused') this.#set(id, { ...state, status: 'uploading' })
    if (state.status === 'failed') {
      this.#states.delete(id)
      void this.#load()
    }
  }

  async cancel({ id, mediaId }: Attachment): Promise<void> {
    await this.#store.remove(id)
    this.#tasks.get(id)?.cancel()
    if (mediaId !== undefined) await this.#device.calls.media.cancel(mediaId).catch(() => {})
    await this.#changed()
  }

  async #changed(): Promise<void> {
    this.#channel.postMessage('changed')
    await this.#load()
  }

  async #load(): Promise<void> {
    const all = await this.#store.all().catch(() => [])
    this.#byConversation = Map.groupBy(all, ({ conversation }) => conversation)
    for (const attachment of all) if (this.state(attachment.id).status !== 'failed') this.#take(attachment)
    this.#tell()
  }

  #take(attachment: Attachment): void {
    const { id } = attachment
    if (this.#taken.has(id)) return
    this.#taken.add(id)
    void navigator.locks
      .request(`${name}.${id}`, async () => {
        const kept = await this.#store.get(id)
        if (kept) await this.#send(kept)
      })
      .catch((error: unknown) => this.#failed(id, error))
      .finally(() => this.#taken.delete(id))
  }

  async #send(attachment: Attachment): Promise<void> {
    const { id, conversation, replyTo } = attachment
    const mediaId = await this.#upload(attachment)
    const options = { clientMessageId: id, ...(replyTo !== undefined && { replyTo }) }
    // Once it is in the outbox, the outbox keeps it.
    const sent = this.#device.calls.conversation(conversation).send({ media: { id: mediaId } }, options)
    await Promise.race([sent, this.#isPending(attachment)])
    sent.catch(() => {})
    await this.#store.remove(id)
    this.#states.delete(id)
    await this.#changed()
  }

  async #upload(attachment: Attachment): Promise<string> {
    const { id, blob, name, type, details, poster } = attachment
    const calls = this.#device.calls.media
    const stands = poster && (await uploadWith(calls, poster, { type: poster.type }).done).id
    const task = uploadWith(calls, blob, {
      ...details,
      ...(stands !== undefined && { poster: stands }),
      type,
      name,
      ...(attachment.mediaId !== undefined && { id: attachment.mediaId }),
      onAnnounced: (mediaId) => void this.#store.change(id, { mediaId }),
      onProgress: (sent, total) => {
        const status = this.state(id).status === 'paused' ? 'paused' : 'uploading'
        this.#set(id, { status, sent, total })
      },
    })
    this.#tasks.set(id, task)
    this.#set(id, { status: 'uploading', sent: 0, total: blob.size })
    try {
      return (await task.done).id
    } finally {
      this.#tasks.delete(id)
    }
  }

  async #isPending({ id, conversation }: Attachment): Promise<void> {
    const { view } = this.#device
    const there = () => view.pending(conversation).some((item) => item.clientMessageId === id)
    if (there()) return
    await new Promise<void>((resolve) => {
      const off = view.on('outbox', () => {
        if (!there()) return
        off()
        resolve()
      })
    })
  }

  #failed(id: string, error: unknown): void {
    if (error instanceof DOMException && error.name === 'AbortError') return
    this.#set(id, { status: 'failed', code: error instanceof ParleyError ? error.code : 'internal' })
  }

  #set(id: string, state: UploadState): void {
    this.#states.set(id, state)
    this.#tell()
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

const waiting: UploadState = { status: 'waiting' }
