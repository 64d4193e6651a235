import type { EntryUpdate, UserId } from '@parley/protocol'
import type { Event, MessageRef } from '../delivery/event.ts'
import type { Entry } from './entry.ts'

/** A log entry as the update that members get. Its JSON is made once for everybody, once more for the sender. */
export class EntryEvent implements Event {
  readonly #entry
  #json: string | undefined
  #ownJson: string | undefined

  constructor(entry: Entry) {
    this.#entry = entry
  }

  get id(): string {
    return this.#entry.id
  }

  get entry(): Entry {
    return this.#entry
  }

  get message(): MessageRef | undefined {
    const { kind, conversation, seq, sender } = this.#entry
    return kind === 'message' ? { conversation, seq, sender } : undefined
  }

  json(reader: UserId): string {
    const { kind, sender, clientMessageId } = this.#entry
    if (kind === 'message' && reader === sender && clientMessageId !== undefined) {
      this.#ownJson ??= encode(this.#entry, clientMessageId)
      return this.#ownJson
    }
    this.#json ??= encode(this.#entry, undefined)
    return this.#json
  }

  update(reader: UserId): EntryUpdate {
    return JSON.parse(this.json(reader)) as EntryUpdate
  }
}

/** Ids need no escaping, and the body is JSON already: the update is put together as text. */
function encode(entry: Entry, clientMessageId: string | undefined): string {
  const { kind, conversation, seq, id, sender, device, at, body } = entry
  const start = `{"kind":"${kind}","conversation":"${conversation}","seq":${seq},`
  const rest = body.slice(1)
  switch (kind) {
    case 'message': {
      const own = clientMessageId === undefined ? '' : `"clientMessageId":"${clientMessageId}",`
      return `${start}"id":"${id}","sender":"${sender}","device":"${device}",${own}"sentAt":${at},${rest}`
    }
    case 'reaction':
      return `${start}"user":"${sender}","at":${at},${rest}`
    case 'edit':
    case 'delete':
    case 'membership':
    case 'conversation':
      return `${start}"by":"${sender}","at":${at},${rest}`
  }
}
