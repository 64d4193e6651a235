import { useEffect, useState } from 'react'
import { Frame } from '../conversation/bubble/frame.tsx'
import { IconButton } from '../design/button.tsx'
import { CloseIcon, FileIcon, PauseIcon, PlayIcon } from '../design/icons.tsx'
import { Ticks } from '../design/ticks.tsx'
import { useLanguage, useWords } from '../words/words.ts'
import type { Attachment } from './attachment.ts'
import { bytesIn } from './bytes.ts'
import { useAttachmentQueue, useUploadState } from './use-attachments.ts'

/** What is on its way to the server, with how far it is. */
export function UploadBubble({ attachment }: { attachment: Attachment }) {
  const words = useWords()
  const language = useLanguage()
  const queue = useAttachmentQueue()
  const state = useUploadState(attachment.id)
  const { id, name, blob, createdAt } = attachment
  const part = 'sent' in state ? state.sent / Math.max(1, state.total) : 0
  const text = words.media[state.status]
  return (
    <div className="flex flex-col items-end pb-1">
      <Frame own last at={createdAt} ticks={<Ticks progress={state.status === 'failed' ? 'refused' : 'waiting'} />}>
        <div className="flex w-64 max-w-full items-center gap-2">
          <Preview attachment={attachment} />
          <div className="min-w-0 flex-1">
            <bdi className="block truncate font-medium" title={name}>
              {name}
            </bdi>
            <span className={state.status === 'failed' ? 'text-danger text-sm' : 'text-muted text-sm'}>
              {text} · {bytesIn(language, blob.size)}
            </span>
            <progress
              aria-label={`${text}: ${name}`}
              value={part}
              max={1}
              className="block h-1.5 w-full accent-accent"
            />
          </div>
          {state.status === 'uploading' && (
            <IconButton label={words.media.pause} onClick={() => queue.pause(id)}>
              <PauseIcon size={18} />
            </IconButton>
          )}
          {(state.status === 'paused' || state.status === 'failed') && (
            <IconButton
              label={state.status === 'paused' ? words.media.resume : words.app.retry}
              onClick={() => queue.resume(id)}
            >
              <PlayIcon size={18} />
            </IconButton>
          )}
          <IconButton label={words.app.cancel} onClick={() => void queue.cancel(attachment)}>
            <CloseIcon size={18} />
          </IconButton>
        </div>
      </Frame>
    </div>
  )
}

function Preview({ attachment }: { attachment: Attachment }) {
  const { blob, poster, type } = attachment
  const picture = poster ?? (type.startsWith('image/') ? blob : undefined)
  const [address, setAddress] = useState<string>()
  useEffect(() => {
    if (!picture) return
    const made = URL.createObjectURL(picture)
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [picture])
  if (!address) return <FileIcon />
  return <img src={address} alt="" className="size-12 shrink-0 rounded-lg object-cover" />
}
