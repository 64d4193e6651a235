import type { ConversationId, UserId } from '@parley/protocol'
import type { Directory } from '../accounts/directory.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import { mediaOfMessage } from './carried.ts'
import type { MediaReference } from './media-references.ts'

/** What carries media, and how a reference is named after it. */
export type Carrier =
  /** A message that is sent: `seq` is known once it is stored. */
  | { kind: 'message'; conversation: ConversationId; sender: UserId; clientMessageId: string }
  | { kind: 'edit'; conversation: ConversationId; seq: number }
  | { kind: 'user'; user: UserId }
  | { kind: 'conversation'; conversation: ConversationId }

/** Ids have no colon. */
export function nameOf(carrier: Carrier): string {
  switch (carrier.kind) {
    case 'message':
      return `message:${carrier.conversation}:${carrier.sender}:${carrier.clientMessageId}`
    case 'edit':
      return `edit:${carrier.conversation}:${carrier.seq}`
    case 'user':
      return `user:${carrier.user}`
    case 'conversation':
      return `conversation:${carrier.conversation}`
    default:
      return carrier satisfies never
  }
}

export function carrierOf(name: string): Carrier {
  const [kind, first = '', second = '', third = ''] = name.split(':')
  if (kind === 'message') return { kind, conversation: first, sender: second, clientMessageId: third }
  if (kind === 'edit') return { kind, conversation: first, seq: Number(second) }
  if (kind === 'user') return { kind, user: first }
  return { kind: 'conversation', conversation: first }
}

export function referenceTo(media: string, carrier: Carrier): Omit<MediaReference, 'checkAt'> {
  return {
    media,
    by: nameOf(carrier),
    conversation: carrier.kind === 'user' ? undefined : carrier.conversation,
    seq: carrier.kind === 'edit' ? carrier.seq : undefined,
  }
}

/** Does what refers to media still carry it? Asked of the log and of profiles, never of what was noted before. */
export class Carriers {
  readonly #log
  readonly #states
  readonly #directory

  constructor(deps: {
    log: Pick<ConversationLog, 'read' | 'amendments' | 'findSend'>
    states: Pick<ConversationStates, 'current'>
    directory: Pick<Directory, 'accounts'>
  }) {
    this.#log = deps.log
    this.#states = deps.states
    this.#directory = deps.directory
  }

  /** Where it carries it: the seq of a message, undefined for a picture. `false`: it does not, or not any more. */
  async place({ media, by, seq }: MediaReference): Promise<{ seq: number | undefined } | false> {
    const carrier = carrierOf(by)
    switch (carrier.kind) {
      case 'message': {
        const { conversation, sender, clientMessageId } = carrier
        const found = seq ?? (await this.#log.findSend(conversation, sender, clientMessageId))?.seq
        return found !== undefined && this.#inMessage(media, conversation, found)
      }
      case 'edit':
        return this.#inMessage(media, carrier.conversation, carrier.seq)
      case 'user': {
        const [account] = await this.#directory.accounts([carrier.user])
        return account?.deletedAt === undefined && account?.avatar === media && { seq: undefined }
      }
      case 'conversation': {
        const state = await this.#states.current(carrier.conversation)
        return state?.record.avatar === media && { seq: undefined }
      }
      default:
        return carrier satisfies never
    }
  }

  async #inMessage(media: string, conversation: ConversationId, seq: number): Promise<{ seq: number } | false> {
    return (await mediaOfMessage(this.#log, conversation, seq)).has(media) && { seq }
  }
}
