import type { OutboxItem } from '@parley/client'
import { memo } from 'react'
import type { RefusedSend } from '../../client/refused-sends.ts'
import { useRefused } from '../../client/use-shared.ts'
import { Ticks } from '../../design/ticks.tsx'
import { useWords } from '../../words/words.ts'
import { Body } from './content.tsx'
import { Frame } from './frame.tsx'
import { Quote } from './quote.tsx'

type PendingSend = Extract<OutboxItem, { kind: 'send' }>

/** What waits in the outbox. */
export const PendingBubble = memo(function PendingBubble({ item }: { item: PendingSend }) {
  return (
    <div className="flex flex-col items-end pb-0.5">
      <Frame own last at={item.createdAt} ticks={<Ticks progress="waiting" />}>
        {item.replyTo !== undefined && <Quote conversation={item.conversation} seq={item.replyTo} />}
        <Body content={item.content} conversation={item.conversation} />
      </Frame>
    </div>
  )
})

/** What the server will not take: it is kept until its writer decides. */
export const RefusedBubble = memo(function RefusedBubble({ refused }: { refused: RefusedSend }) {
  const words = useWords().conversation
  const { item } = refused
  const { again, forget } = useRefused(item.conversation)
  const button = 'min-h-11 px-2 font-semibold text-link'
  return (
    <div className="flex flex-col items-end pb-2">
      <Frame own last at={item.createdAt} ticks={<Ticks progress="refused" />}>
        <Body content={item.content} conversation={item.conversation} />
      </Frame>
      <p role="alert" className="flex flex-wrap items-center justify-end gap-1 text-danger text-sm">
        {words.refused}
        <button type="button" className={button} onClick={() => again(refused)}>
          {words.again}
        </button>
        <button type="button" className={button} onClick={() => forget(refused)}>
          {words.discard}
        </button>
      </p>
    </div>
  )
})
