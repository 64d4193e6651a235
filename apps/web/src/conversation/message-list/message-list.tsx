import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useCalls } from '../../client/device-context.ts'
import { usePending } from '../../client/use-conversations.ts'
import { useMessages } from '../../client/use-messages.ts'
import { useRefused } from '../../client/use-shared.ts'
import { IconButton } from '../../design/button.tsx'
import { DownIcon } from '../../design/icons.tsx'
import { Spinner } from '../../design/spinner.tsx'
import { useAttachments } from '../../media/use-attachments.ts'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'
import { ListRow } from './list-row.tsx'
import { rowsOf } from './rows.ts'

/** ms for which a message that was jumped to stands out. */
const markTime = 1600
/** Rows from an edge at which the next page is asked for. */
const nearEdge = 6

export interface MessageListHandle {
  jump(seq: number): void
  toEnd(): void
  focusLast(): void
}

/** The messages, newest at the end; only what is near the window is in the page. */
export function MessageList({ handle }: { handle: React.Ref<MessageListHandle> }) {
  const words = useWords().conversation
  const calls = useCalls()
  const { conversation, me } = useConversationView()
  const { id, head, unread, read } = conversation
  const messages = useMessages(id)
  const { items, opening, older, newer, loadOlder, loadNewer, jumpTo, toEnd } = messages
  const pending = usePending(id)
  const refused = useRefused(id).items
  const uploads = useAttachments(id)
  const scroller = useRef<HTMLDivElement>(null)
  const [marked, setMarked] = useState<number>()
  const [target, setTarget] = useState<number>()
  // Where the reader was when this opened: the divider stays there.
  const [unreadFrom] = useState(unread > 0 ? read : undefined)
  const ends = newer === 'none'
  const rows = useMemo(
    () =>
      rowsOf({
        items,
        pending: ends ? pending : [],
        refused: ends ? refused : [],
        uploads: ends ? uploads : [],
        me,
        unreadFrom,
      }),
    [items, pending, refused, uploads, ends, me, unreadFrom],
  )
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 60,
    getItemKey: (index) => rows[index]?.key ?? index,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: 80,
    overscan: 8,
    paddingStart: 16,
    paddingEnd: 16,
  })
  const shown = virtual.getVirtualItems()
  const first = shown[0]?.index ?? 0
  const last = shown.at(-1)?.index ?? 0
  const [atEnd, setAtEnd] = useState(true)

  const started = useRef(false)
  useLayoutEffect(() => {
    if (started.current || opening || rows.length === 0) return
    started.current = true
    const divider = rows.findIndex(({ kind }) => kind === 'unread')
    if (divider > 0) virtual.scrollToIndex(divider, { align: 'start' })
    else virtual.scrollToEnd()
  }, [opening, rows, virtual])

  useEffect(() => {
    if (!started.current) return
    if (first < nearEdge && older === 'some') void loadOlder()
    if (last > rows.length - nearEdge && newer === 'some') void loadNewer()
  }, [first, last, rows.length, older, newer, loadOlder, loadNewer])

  useLayoutEffect(() => {
    if (target === undefined) return
    const index = rows.findIndex((row) => row.kind === 'message' && row.message.seq === target)
    if (index < 0) return
    virtual.scrollToIndex(index, { align: 'center' })
    setTarget(undefined)
    setMarked(target)
  }, [target, rows, virtual])
  useEffect(() => {
    if (marked === undefined) return
    const timer = setTimeout(() => setMarked(undefined), markTime)
    return () => clearTimeout(timer)
  }, [marked])

  // What was seen is read: up to the end, or to the last message in the window.
  const lastRow = rows[last]
  const seen = atEnd && ends ? head : lastRow?.kind === 'message' ? lastRow.message.seq : 0
  useEffect(() => {
    if (unread === 0 || seen <= read) return
    const tell = () => {
      if (document.visibilityState === 'visible')
        void calls
          .conversation(id)
          .read(seen)
          .catch(() => {})
    }
    tell()
    document.addEventListener('visibilitychange', tell)
    return () => document.removeEventListener('visibilitychange', tell)
  }, [calls, id, unread, seen, read])

  const backToEnd = useCallback(async () => {
    await toEnd()
    virtual.scrollToEnd()
  }, [toEnd, virtual])
  useImperativeHandle(
    handle,
    () => ({
      jump: (seq) => void jumpTo(seq).then((found) => found && setTarget(seq)),
      toEnd: () => void backToEnd(),
      focusLast: () => articles(scroller.current).at(-1)?.focus(),
    }),
    [jumpTo, backToEnd],
  )

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        aria-label={words.messages}
        aria-busy={opening}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
        tabIndex={0}
        onKeyDown={moveAmongMessages}
        onScroll={() => setAtEnd(virtual.isAtEnd(80))}
        className="flex h-full flex-col overflow-y-auto overscroll-contain px-3 outline-offset-[-2px] [overflow-anchor:none] wide:px-6"
      >
        {older === 'loading' && (
          <div className="absolute inset-x-0 top-2 z-10 flex justify-center text-muted">
            <Spinner small />
          </div>
        )}
        {older === 'failed' && <LoadFailed text={words.olderFailed} again={() => void loadOlder()} />}
        {!opening && rows.length === 0 && older === 'none' && (
          <p className="m-auto rounded-full bg-hover px-4 py-2 text-muted">{words.empty}</p>
        )}
        <div className="relative mt-auto w-full shrink-0" style={{ height: virtual.getTotalSize() }}>
          {shown.map(({ index, key, start }) => {
            const row = rows[index]
            return (
              row && (
                <div
                  key={key}
                  ref={virtual.measureElement}
                  data-index={index}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <ListRow row={row} marked={row.kind === 'message' && row.message.seq === marked} />
                </div>
              )
            )
          })}
        </div>
        {newer === 'failed' && <LoadFailed text={words.newerFailed} again={() => void loadNewer()} />}
      </div>
      {!(atEnd && ends) && rows.length > 0 && (
        <div className="absolute right-4 bottom-4">
          <IconButton
            label={unread > 0 ? `${words.toEnd}, ${words.newMessages(unread)}` : words.toEnd}
            onClick={() => void backToEnd()}
            className="bg-raised shadow-popup"
          >
            <DownIcon />
            {unread > 0 && (
              <span className="absolute -top-1 -right-1 flex h-5 min-w-5 items-center justify-center rounded-full bg-accent px-1 text-on-accent text-xs">
                {unread}
              </span>
            )}
          </IconButton>
        </div>
      )}
    </div>
  )
}

function LoadFailed({ text, again }: { text: string; again: () => void }) {
  const words = useWords().app
  return (
    <p className="flex items-center justify-center gap-2 py-2 text-muted text-sm">
      {text}
      <button type="button" onClick={again} className="min-h-11 px-2 font-semibold text-link">
        {words.retry}
      </button>
    </p>
  )
}

const articles = (list: HTMLElement | null): HTMLElement[] => [
  ...(list?.querySelectorAll<HTMLElement>('article[data-seq]') ?? []),
]

/** Arrows go from message to message; the menu key and Enter open what can be done with one. */
function moveAmongMessages(event: KeyboardEvent<HTMLElement>): void {
  const { key, currentTarget, target } = event
  const step = { ArrowUp: -1, ArrowDown: 1 }[key]
  const here = (target as HTMLElement).closest<HTMLElement>('article[data-seq]')
  if (step !== undefined && (here || target === currentTarget)) {
    const all = articles(currentTarget)
    const next = here ? all[all.indexOf(here) + step] : all.at(-1)
    if (!next) return
    event.preventDefault()
    next.focus({ preventScroll: true })
    next.scrollIntoView({ block: 'nearest' })
  } else if ((key === 'Enter' || key === 'ContextMenu') && here && target === here) {
    event.preventDefault()
    here.querySelector<HTMLElement>('[data-actions]')?.click()
  }
}
