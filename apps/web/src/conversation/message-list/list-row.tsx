import { UploadBubble } from '../../media/upload-bubble.tsx'
import { useLanguage, useWords } from '../../words/words.ts'
import { Bubble } from '../bubble/bubble.tsx'
import { PendingBubble, RefusedBubble } from '../bubble/unsent-bubble.tsx'
import { useConversationView } from '../conversation-view.ts'
import type { Row } from './rows.ts'

export function ListRow({ row, marked }: { row: Row; marked: boolean }) {
  const { conversation, me } = useConversationView()
  switch (row.kind) {
    case 'day':
      return <Day at={row.at} />
    case 'unread':
      return <Divider />
    case 'message': {
      const { message, first, last } = row
      const group = conversation.kind === 'group'
      return (
        <Bubble
          message={message}
          own={message.sender === me}
          group={group}
          first={first}
          last={last}
          marked={marked}
          pinned={conversation.pins?.includes(message.seq) ?? false}
        />
      )
    }
    case 'pending':
      return <PendingBubble item={row.item} />
    case 'upload':
      return <UploadBubble attachment={row.attachment} />
    case 'refused':
      return <RefusedBubble refused={row.refused} />
  }
  return row satisfies never
}

function Day({ at }: { at: number }) {
  const words = useWords().conversation
  const language = useLanguage()
  const today = new Date().setHours(0, 0, 0, 0)
  const day = new Date(at).setHours(0, 0, 0, 0)
  const thisYear = new Date(at).getFullYear() === new Date().getFullYear()
  const year = thisYear ? {} : ({ year: 'numeric' } as const)
  const format = { weekday: 'long', day: 'numeric', month: 'long', ...year } as const
  const text =
    day === today
      ? words.today
      : day === new Date(today - 1).setHours(0, 0, 0, 0)
        ? words.yesterday
        : new Intl.DateTimeFormat(language, format).format(at)
  return (
    <div className="flex justify-center py-3">
      <span className="rounded-full bg-hover px-3 py-1 font-medium text-muted text-xs">{text}</span>
    </div>
  )
}

function Divider() {
  const words = useWords().conversation
  return (
    <div className="flex items-center gap-3 py-3 font-semibold text-link text-xs">
      <span className="h-px flex-1 bg-line" />
      {words.newHere}
      <span className="h-px flex-1 bg-line" />
    </div>
  )
}
