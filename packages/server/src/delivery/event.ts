import type { ConversationId, MessageId, Update, UserId } from '@parley/protocol'

/** An update on its way to sessions. Encoded once, however many sessions it goes to. */
export interface Event {
  /** The update as JSON; the sender's own devices see a little more (`clientMessageId`). */
  json(reader: UserId): string
  /** The same in UTF-8 with the brace that ends a frame; one copy for all who are sent it. */
  frameEnd(reader: UserId): Uint8Array
  update(reader: UserId): Update
  /** What an acknowledgement of it means for receipts; undefined when it is not somebody's message. */
  readonly message: MessageRef | undefined
  /** Bytes that it takes, about. */
  readonly size: number
  /** Id of the log entry; '' for a small update. */
  readonly id: MessageId
  /** Where it stands in its log; undefined for a small update. */
  readonly entry: { readonly conversation: ConversationId; readonly seq: number } | undefined
}

export interface MessageRef {
  conversation: ConversationId
  seq: number
  sender: UserId
}

/** A small update (receipts, read, settings, hidden, star, cleared, device) as it lies in the queue. */
export class UpdateEvent implements Event {
  readonly message = undefined
  readonly id = ''
  readonly entry = undefined
  readonly #json

  constructor(json: string) {
    this.#json = json
  }

  get size(): number {
    return this.#json.length
  }

  json(): string {
    return this.#json
  }

  frameEnd(): Uint8Array {
    return Buffer.from(`${this.#json}}`)
  }

  update(): Update {
    return JSON.parse(this.#json) as Update
  }
}
