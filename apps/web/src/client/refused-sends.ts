import type { OutboxItem } from '@parley/client'
import type { ConversationId } from '@parley/protocol'
import type { DeviceEvents } from './device-events.ts'
import type { SharedRecords } from './shared-records.ts'

/** A message that the server will not take, kept until somebody sends it again or throws it away. */
export interface RefusedSend {
  item: Extract<OutboxItem, { kind: 'send' }>
  /** Of the closed table of errors. */
  code: string
}

/** What could not be sent, per conversation. */
export class RefusedSends {
  readonly records: SharedRecords<RefusedSend[]>

  constructor(records: SharedRecords<RefusedSend[]>) {
    this.records = records
  }

  /** Taken back by its sender is not refused. */
  told({ item, code }: DeviceEvents['refused']): void {
    if (item.kind !== 'send' || code === 'ClosedError') return
    const { conversation, clientMessageId } = item
    const others = this.#without(conversation, clientMessageId)
    this.records.set(conversation, [...others, { item, code }])
  }

  forget(conversation: ConversationId, clientMessageId: string): void {
    const others = this.#without(conversation, clientMessageId)
    this.records.set(conversation, others.length > 0 ? others : undefined)
  }

  #without(conversation: ConversationId, clientMessageId: string): RefusedSend[] {
    return (this.records.get(conversation) ?? []).filter(({ item }) => item.clientMessageId !== clientMessageId)
  }
}
