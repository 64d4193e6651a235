import type { ConversationId, Media } from '@parley/protocol'
import { useEffect, useState } from 'react'
import { useCalls } from '../client/device-context.ts'
import { useWords } from '../words/words.ts'

/** A picture, video, sound or file of a message. */
export function MediaPart({ media }: { media: Media; conversation: ConversationId }) {
  const words = useWords()
  const calls = useCalls()
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    let over = false
    calls.media
      .url(media.id)
      .then((link) => {
        if (!over && 'url' in link) setUrl(link.url)
      })
      .catch(() => {})
    return () => {
      over = true
    }
  }, [calls, media.id])
  const name = media.name ?? words.inbox.file
  if (media.type?.startsWith('image/') && url) {
    return (
      <img src={url} alt={name} width={media.width} height={media.height} className="max-h-96 max-w-full rounded-xl" />
    )
  }
  return (
    <a href={url} download={name} className="flex min-h-11 items-center gap-2 text-link underline">
      <bdi className="truncate">{name}</bdi>
    </a>
  )
}
