import type { Conversation } from '@parley/client'
import type { Message, User } from '@parley/protocol'
import { useEffect, useMemo, useState } from 'react'
import { useCalls, useMe } from '../client/device-context.ts'
import { useConversations } from '../client/use-conversations.ts'
import { useWords } from '../words/words.ts'
import { nameOf } from './name-of.ts'

/** ms after the last letter, so that not every letter asks the server. */
const pause = 250

export interface Found {
  conversations: readonly Conversation[]
  people: readonly User[]
  messages: readonly Message[]
  /** `offline`: only what this device knows was searched. */
  state: 'searching' | 'done' | 'offline'
}

/** Letters without case and accents. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

/** Conversations that this device knows, at once; people and messages as the server finds them. */
export function useSearch(query: string): Found {
  const words = useWords()
  const calls = useCalls()
  const me = useMe()
  const all = useConversations()
  const wanted = query.trim()
  const [asked, setAsked] = useState<Omit<Found, 'conversations'>>({ people: [], messages: [], state: 'searching' })

  const conversations = useMemo(() => {
    const letters = plain(wanted)
    return all.filter((conversation) => {
      const names = [nameOf(conversation, words), conversation.peer?.username ?? '']
      return names.some((name) => plain(name).includes(letters))
    })
  }, [all, wanted, words])

  useEffect(() => {
    const over = new AbortController()
    const { signal } = over
    setAsked({ people: [], messages: [], state: 'searching' })
    const timer = setTimeout(async () => {
      try {
        const [people, messages] = await Promise.all([
          calls.account.findUsers(wanted.toLowerCase().replace(/^@/, ''), { signal }),
          calls.api.search({ query: wanted, limit: 30 }, { signal }),
        ])
        if (signal.aborted) return
        setAsked({ people: people.filter(({ id }) => id !== me), messages: messages.items, state: 'done' })
      } catch {
        if (!signal.aborted) setAsked({ people: [], messages: [], state: 'offline' })
      }
    }, pause)
    return () => {
      clearTimeout(timer)
      over.abort()
    }
  }, [calls, me, wanted])

  return { conversations, ...asked }
}
