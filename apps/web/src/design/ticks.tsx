import type { ReactNode } from 'react'
import { useWords } from '../words/words.ts'
import { AlertIcon, CheckIcon, ChecksIcon, ClockIcon } from './icons.tsx'

export type Progress = 'waiting' | 'sent' | 'delivered' | 'seen' | 'refused'

/** How far a message of mine got. */
export function progressOf(message: { deliveredAt?: number | undefined; seenAt?: number | undefined }): Progress {
  if (message.seenAt !== undefined) return 'seen'
  return message.deliveredAt === undefined ? 'sent' : 'delivered'
}

const icons: Record<Progress, ReactNode> = {
  waiting: <ClockIcon size={14} />,
  sent: <CheckIcon size={15} />,
  delivered: <ChecksIcon size={16} />,
  seen: <ChecksIcon size={16} />,
  refused: <AlertIcon size={15} />,
}

export function Ticks({ progress }: { progress: Progress }) {
  const words = useWords().app
  const text = words.progress[progress]
  const colour = progress === 'seen' ? 'text-seen' : progress === 'refused' ? 'text-danger' : undefined
  return (
    <span title={text} className={`inline-flex shrink-0 ${colour ?? ''}`}>
      {icons[progress]}
      <span className="sr-only">{text}</span>
    </span>
  )
}
