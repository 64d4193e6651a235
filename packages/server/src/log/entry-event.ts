import type { EntryUpdate, UserId } from '@parley/protocol'
import type { Event, MessageRef } from '../delivery/event.ts'
import type { Entry } from './entry.ts'

/** Bytes of an update besides the body. */
const besidesBody = 200
const closingBrace = 0x7d

/** A log entry as the update that members get. Its JSON is made once for everybody, once more for the sender. */
export class EntryEvent implements Event {
  readonly #entry
  #json: string | undefined
  #ownJson: string | undefined
  #frameEnd: Uint8Array | undefined

  constructor(entry: Entry) {
    this.#entry = entry
  }

  get id(): string {
    return this.#entry.id
  }

  get size(): number {
    return this.#entry.body.length + besidesBody
  }

  get entry(): Entry {
    return this.#entry
  }

  get message(): MessageRef | undefined {
    const { kind, conversation, seq, sender } = this.#entry
    return kind === 'message' ? { conversation, seq, sender } : undefined
  }

  json(reader: UserId): string {
    const own = this.#ownId(reader)
    if (own !== undefined) {
      this.#ownJson ??= encode(this.#entry, own)
      return this.#ownJson
    }
    this.#json ??= encode(this.#entry, undefined)
    return this.#json
  }

  frameEnd(reader: UserId): Uint8Array {
    const own = this.#ownId(reader)
    if (own !== undefined) return encodeFrameEnd(this.#entry, own)
    this.#frameEnd ??= encodeFrameEnd(this.#entry, undefined)
    return this.#frameEnd
  }

  update(reader: UserId): EntryUpdate {
    return JSON.parse(this.json(reader)) as EntryUpdate
  }

  /** Only the sender sees the id it gave. */
  #ownId(reader: UserId): string | undefined {
    const { kind, sender, clientMessageId } = this.#entry
    return kind === 'message' && reader === sender ? clientMessageId : undefined
  }
}

/** Ids need no escaping, and the body is JSON already: the update is put together as text. */
function encode(entry: Entry, clientMessageId: string | undefined): string {
  return startOf(entry, clientMessageId) + entry.body.slice(1)
}

/** A large body is not copied as text on its way. */
function encodeFrameEnd(entry: Entry, clientMessageId: string | undefined): Uint8Array {
  const start = Buffer.from(startOf(entry, clientMessageId))
  const { body } = entry
  // One brace less in front, one more at the end.
  const bytes = Buffer.allocUnsafe(start.length + Buffer.byteLength(body))
  bytes.set(start)
  bytes.write(body.slice(1), start.length)
  bytes[bytes.length - 1] = closingBrace
  return bytes
}

/** What comes before the body's fields. */
function startOf(
  { kind, conversation, seq, id, sender, device, at }: Entry,
  clientMessageId: string | undefined,
): string {
  const start = `{"kind":"${kind}","conversation":"${conversation}","seq":${seq},`
  switch (kind) {
    case 'message': {
      const own = clientMessageId === undefined ? '' : `"clientMessageId":"${clientMessageId}",`
      return `${start}"id":"${id}","sender":"${sender}","device":"${device}",${own}"sentAt":${at},`
    }
    case 'reaction':
      return `${start}"user":"${sender}","at":${at},`
    case 'edit':
    case 'delete':
    case 'membership':
    case 'conversation':
      return `${start}"by":"${sender}","at":${at},`
  }
}
