import type { History, Role, UserId } from '@parley/protocol'
import type { Interval, MemberRecord } from './conversation-record.ts'
import type { Draft } from './operation.ts'

/** Somebody does something to a conversation. */
export interface Step {
  sender: UserId
  draft: Draft
}

interface Body {
  target?: number
  pins?: readonly number[]
  user?: UserId
  role?: Role | null
  title?: string
  description?: string
  avatar?: string
  history?: History
  members?: { user: UserId; role: Role }[]
}

/**
 * A conversation by its definition: everything is found by looking at all that was done, from the beginning, each time.
 * What was done `n`-th is the entry with seq n.
 */
export class ConversationModel {
  readonly steps: readonly Step[]

  constructor(steps: readonly Step[]) {
    this.steps = steps
  }

  /** Roles after the entry `seq`; null: named once, and not in it. */
  roles(seq: number): Map<UserId, Role | null> {
    const roles = new Map<UserId, Role | null>()
    for (const { kind, body } of this.#changes(seq)) {
      if (kind === 'membership') roles.set(body.user!, body.role!)
      for (const { user, role } of body.members ?? []) roles.set(user, role)
    }
    return roles
  }

  present(seq: number): Set<UserId> {
    return new Set([...this.roles(seq)].flatMap(([user, role]) => (role === null ? [] : user)))
  }

  /** Who gets the entry: who is in it before or after. */
  audience(seq: number): Set<UserId> {
    return this.present(seq - 1).union(this.present(seq))
  }

  member(user: UserId, seq: number): MemberRecord | undefined {
    const role = this.roles(seq).get(user)
    if (role === undefined) return undefined
    const intervals: Interval[] = []
    for (let at = 1; at <= seq; at++) {
      const [before, after] = [this.present(at - 1).has(user), this.present(at).has(user)]
      if (!before && after) intervals.push({ from: at, to: undefined })
      if (before && !after) intervals.push({ from: intervals.pop()!.from, to: at })
    }
    return { user, role, intervals }
  }

  members(seq: number): Map<UserId, MemberRecord> {
    return new Map([...this.roles(seq).keys()].map((user) => [user, this.member(user, seq)!]))
  }

  messages(seq: number, by?: UserId): number {
    const upTo = this.steps.slice(0, seq)
    return upTo.filter(({ sender, draft }) => draft.kind === 'message' && (by === undefined || sender === by)).length
  }

  own(seq: number): Map<UserId, number> {
    const senders = new Set(
      this.steps.slice(0, seq).flatMap((step) => (step.draft.kind === 'message' ? step.sender : [])),
    )
    return new Map([...senders].map((user) => [user, this.messages(seq, user)]))
  }

  lastMessage(seq: number): number {
    return this.steps.slice(0, seq).findLastIndex(({ draft }) => draft.kind === 'message') + 1
  }

  /** The newest value that was given to each part. */
  info(seq: number) {
    const info: { title?: string; description?: string; avatar?: string; history?: History } = {}
    let pins: readonly number[] = []
    for (const { kind, body } of this.#changes(seq)) {
      if (kind === 'delete') pins = pins.filter((pin) => pin !== body.target)
      if (kind !== 'conversation') continue
      pins = body.pins ?? pins
      if (body.title !== undefined) info.title = body.title
      if (body.description !== undefined) info.description = body.description
      if (body.avatar !== undefined) info.avatar = body.avatar
      if (body.history !== undefined) info.history = body.history
    }
    const { title, description, avatar, history = 'joined' } = info
    return { title, description, avatar, history, pins }
  }

  /** Whether the entry `seq` changes members, title or pins. */
  changes(seq: number): boolean {
    const { kind, body } = this.steps[seq - 1]!.draft
    if (kind !== 'delete') return kind === 'membership' || kind === 'conversation'
    return this.info(seq - 1).pins.includes((JSON.parse(body) as { target: number }).target)
  }

  /** Whom the entries `from` to `to` name. */
  named(from: number, to: number): Set<UserId> {
    const bodies = this.#changes(to, from).map(({ body }) => body)
    return new Set(
      bodies.flatMap(({ user, members = [] }) => [...(user ? [user] : []), ...members.map((one) => one.user)]),
    )
  }

  /** Whom the entry `seq` brings in. */
  joins(seq: number): UserId[] {
    return [...this.present(seq).difference(this.present(seq - 1))]
  }

  #changes(to: number, from = 1): { kind: string; body: Body }[] {
    return this.steps.slice(from - 1, to).flatMap(({ draft: { kind, body } }) => {
      return kind === 'membership' || kind === 'conversation' || kind === 'delete'
        ? [{ kind, body: JSON.parse(body) as Body }]
        : []
    })
  }
}
