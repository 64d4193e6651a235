import type { Content } from '@parley/protocol'
import type { Directory } from '../accounts/directory.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import type { ClaimedJob } from './push-queue.ts'

/** Characters; what a locked screen shows. */
const longest = 160

/** What a message says, for users who want it on their locked screen. Never of sealed content, which nobody can read. */
export class Preview {
  readonly #log
  readonly #states
  readonly #directory

  constructor(deps: { log: ConversationLog; states: ConversationStates; directory: Directory }) {
    this.#log = deps.log
    this.#states = deps.states
    this.#directory = deps.directory
  }

  /** undefined: there is nothing to show but the count. */
  async of({ conversation, seq }: ClaimedJob): Promise<{ title: string; body: string } | undefined> {
    const [entry] = await this.#log.read(conversation, { after: seq - 1, before: seq + 1, limit: 1 })
    if (entry?.kind !== 'message') return undefined
    const text = textOf((JSON.parse(entry.body) as { content: Content }).content)
    if (text === undefined) return undefined
    const [sender] = await this.#directory.users([entry.sender])
    const state = await this.#states.get(conversation)
    const name = sender?.displayName ?? ''
    const title = state?.record.kind === 'group' && state.record.title ? `${name} · ${state.record.title}` : name
    return title === '' ? undefined : { title, body: text }
  }
}

function textOf(content: Content): string | undefined {
  const { text } = content
  if (text === undefined || text.trim() === '') return undefined
  const characters = [...text.replaceAll(/\s+/g, ' ').trim()]
  return characters.length <= longest ? characters.join('') : `${characters.slice(0, longest - 1).join('')}…`
}
