import type { Conversation } from '@parley/client'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, lazy, Suspense, useCallback, useRef, useState } from 'react'
import { useWords } from '../words/words.ts'
import { ConversationRow } from './conversation-row.tsx'

const RowMenu = lazy(async () => ({ default: (await import('./row-menu.tsx')).RowMenu }))

const rowHeight = 74

/** Conversations, however many; only those in sight are rendered. Arrows, Home and End move between them. */
export function ConversationList({
  conversations,
  selected,
}: {
  conversations: readonly Conversation[]
  selected: string | undefined
}) {
  const words = useWords()
  const scroller = useRef<HTMLDivElement>(null)
  const [wanted, setWanted] = useState(0)
  const [menu, setMenu] = useState<{ conversation: Conversation; anchor: HTMLElement }>()
  const current = Math.min(wanted, conversations.length - 1)
  const rows = useVirtualizer({
    count: conversations.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => conversations[index]?.id ?? index,
    overscan: 6,
  })
  const openMenu = useCallback(
    (conversation: Conversation, anchor: HTMLElement) => setMenu({ conversation, anchor }),
    [],
  )

  const focusRow = (index: number): void => {
    setWanted(index)
    rows.scrollToIndex(index)
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"] [data-row]`)?.focus()
    })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = conversations.length - 1
    const to: Record<string, number> = {
      ArrowDown: Math.min(last, current + 1),
      ArrowUp: Math.max(0, current - 1),
      Home: 0,
      End: last,
    }
    const index = to[event.key]
    if (index === undefined) return
    event.preventDefault()
    focusRow(index)
  }

  return (
    <nav ref={scroller} aria-label={words.inbox.conversations} className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
      <ul className="relative" style={{ height: rows.getTotalSize() }} onKeyDown={onKeyDown}>
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const conversation = conversations[index]
          if (!conversation) return null
          return (
            <li
              key={key}
              data-index={index}
              aria-setsize={conversations.length}
              aria-posinset={index + 1}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${start}px)` }}
              onFocus={() => setWanted(index)}
            >
              <ConversationRow
                conversation={conversation}
                selected={conversation.id === selected}
                current={index === current}
                onMenu={openMenu}
              />
            </li>
          )
        })}
      </ul>
      {menu && (
        <Suspense>
          <RowMenu {...menu} onClose={() => setMenu(undefined)} />
        </Suspense>
      )}
    </nav>
  )
}
