import type { ConversationId, UserId } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'
import type { OwnSettings, ReadMark } from './own-store.ts'

/** A user and a conversation the user is or was in. */
export interface MemberKey {
  user: UserId
  conversation: ConversationId
}

/** What a member keeps for themselves, on the way to another store. */
export interface MovedOwn extends MemberKey {
  settings: OwnSettings
  mark: ReadMark | undefined
  /** Ascending. */
  hidden: readonly number[]
  /** Ascending by seq. */
  stars: readonly { seq: number; at: number }[]
  cleared: number
}

/** Port: where it comes from. */
export interface OwnExport {
  pageOfMembers(after: string | undefined, limit: number): Promise<KeyPage>
  /** `order` grows with every change: that of the newest row on the user's queue, which tells of it. */
  own(members: readonly MemberKey[]): Promise<(MovedOwn & { order: number })[]>
}

/** Port: where it goes while nobody else writes there. */
export interface OwnImport {
  /** Of two that are put the one of the greater order stays: what is starred in it, and nothing else. Idempotent. */
  putOwn(rows: readonly (MovedOwn & { order: number })[]): Promise<void>
  own(members: readonly MemberKey[]): Promise<MovedOwn[]>
}

/** As a key among others: neither part has a space in it. */
export const memberKey = ({ user, conversation }: MemberKey): string => `${user} ${conversation}`

export function parseMemberKey(key: string): MemberKey {
  const [user = '', conversation = ''] = key.split(' ')
  return { user, conversation }
}
