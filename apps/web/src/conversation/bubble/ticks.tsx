import type { Message } from '@parley/protocol'
import type { ReactNode } from 'react'
import { CheckIcon, ChecksIcon, ClockIcon } from '../../design/icons.tsx'
import { useWords } from '../../words/words.ts'

/** How far a message of mine got; without one: it waits to be sent. */
export function Ticks({ message }: { message?: Pick<Message, 'deliveredAt' | 'seenAt'> }) {
  const words = useWords().conversation
  if (!message) return <Mark text={words.waiting} icon={<ClockIcon size={14} />} />
  if (message.seenAt !== undefined) {
    return (
      <Mark
        text={words.seen}
        icon={
          <span className="text-seen">
            <ChecksIcon size={16} />
          </span>
        }
      />
    )
  }
  if (message.deliveredAt !== undefined) return <Mark text={words.delivered} icon={<ChecksIcon size={16} />} />
  return <Mark text={words.sent} icon={<CheckIcon size={14} />} />
}

function Mark({ text, icon }: { text: string; icon: ReactNode }) {
  return (
    <span title={text} className="inline-flex">
      {icon}
      <span className="sr-only">{text}</span>
    </span>
  )
}
