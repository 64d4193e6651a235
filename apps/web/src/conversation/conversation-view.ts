import type { Conversation } from '@parley/client'
import type { Message } from '@parley/protocol'
import { createContext, useContext } from 'react'

/** What is open over a conversation. */
export type Opened =
  | { what: 'forward' | 'delete' | 'receipts'; message: Message }
  | { what: 'react'; message: Message }
  | { what: 'details' | 'search' | 'clear' | 'leave' | 'contact' }
  | undefined

/** What the writer is doing besides writing something new. */
export type Writing = { kind: 'new' } | { kind: 'edit'; message: Message }

/** What the parts of an open conversation share. */
export interface ConversationView {
  conversation: Conversation
  me: string
  opened: Opened
  open(what: Opened): void
  writing: Writing
  write(writing: Writing): void
  /** Answers this message with what is written next; undefined: none. */
  reply(seq: number | undefined): void
  /** Shows a message where it stands, and marks it for a moment. */
  jump(seq: number): void
}

const Context = createContext<ConversationView | undefined>(undefined)

export const ConversationViewProvider = Context.Provider

export function useConversationView(): ConversationView {
  const view = useContext(Context)
  if (!view) throw new Error('There is no conversation around this component.')
  return view
}
