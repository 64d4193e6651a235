import type { ConversationId, Media } from '@parley/protocol'
import { lazy, Suspense, useMemo, useState } from 'react'
import { thumbHashToDataURL } from 'thumbhash'
import { useCalls } from '../client/device-context.ts'
import { FileIcon, PlayIcon } from '../design/icons.tsx'
import { useLanguage, useWords } from '../words/words.ts'
import { bytesIn } from './bytes.ts'
import { useMedia } from './use-media.ts'
import { VoicePlayer } from './voice-player.tsx'

const Lightbox = lazy(async () => ({ default: (await import('./lightbox.tsx')).Lightbox }))

const shownImages = /^image\/(png|jpeg|gif|webp|avif)$/

/** A picture, video, voice message or file of a message. */
export function MediaPart({ media }: { media: Media; conversation: ConversationId }) {
  const { type = '' } = media
  if (shownImages.test(type)) return <Picture media={media} />
  if (type.startsWith('video/')) return <Video media={media} />
  if (type.startsWith('audio/')) return <VoicePlayer media={media} />
  return <FilePart media={media} />
}

/** The room that it takes is known before it is there: nothing jumps. */
function useFrame({ width = 320, height = 240, thumbhash }: Media) {
  const blurred = useMemo(() => {
    if (thumbhash === undefined) return undefined
    try {
      return thumbHashToDataURL(Uint8Array.from(atob(thumbhash), (letter) => letter.charCodeAt(0)))
    } catch {
      return undefined
    }
  }, [thumbhash])
  const scale = Math.min(1, 320 / width, 360 / height)
  return { blurred, size: { width: Math.max(120, width * scale), aspectRatio: `${width} / ${height}` } }
}

function Picture({ media }: { media: Media }) {
  const words = useWords()
  const { blurred, size } = useFrame(media)
  const address = useMedia(media.id, 'preview')
  const [open, setOpen] = useState(false)
  const name = media.caption || media.name || words.inbox.photo
  return (
    <>
      <button
        type="button"
        aria-label={`${words.media.open}: ${name}`}
        onClick={() => setOpen(true)}
        className="relative my-1 block max-w-full overflow-hidden rounded-xl bg-hover"
        style={size}
      >
        {blurred && <img src={blurred} alt="" className="absolute inset-0 size-full object-cover" />}
        {address && <img src={address} alt={name} className="absolute inset-0 size-full object-cover" />}
        {address === null && (
          <span className="absolute inset-x-0 bottom-2 text-center text-sm">{words.media.away}</span>
        )}
      </button>
      {open && (
        <Suspense>
          <Lightbox media={media} preview={address ?? blurred} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}

function Video({ media }: { media: Media }) {
  const words = useWords()
  const calls = useCalls()
  const { blurred, size } = useFrame(media)
  const poster = useMedia(media.id, 'poster')
  const [address, setAddress] = useState<string>()
  const [failed, setFailed] = useState(false)
  const play = () => {
    setFailed(false)
    // Played from where it lies, in pieces: it is not loaded whole.
    calls.media.url(media.id, 'original').then(
      ({ url }) => setAddress(url),
      () => setFailed(true),
    )
  }
  const picture = poster ?? blurred
  if (address) {
    return (
      // biome-ignore lint/a11y/useMediaCaption: people who talk to each other make no captions
      <video
        src={address}
        poster={picture}
        controls
        autoPlay
        playsInline
        className="my-1 block max-w-full rounded-xl"
        style={size}
      />
    )
  }
  return (
    <button
      type="button"
      aria-label={`${words.media.play}: ${media.name ?? words.inbox.video}`}
      onClick={play}
      className="relative my-1 flex max-w-full items-center justify-center overflow-hidden rounded-xl bg-hover"
      style={size}
    >
      {picture && <img src={picture} alt="" className="absolute inset-0 size-full object-cover" />}
      <span className="relative flex size-14 items-center justify-center rounded-full bg-overlay text-[#fff]">
        <PlayIcon size={28} />
      </span>
      {failed && <span className="absolute inset-x-0 bottom-2 text-center text-sm">{words.media.away}</span>}
    </button>
  )
}

function FilePart({ media }: { media: Media }) {
  const words = useWords()
  const language = useLanguage()
  const calls = useCalls()
  const [failed, setFailed] = useState(false)
  const name = media.name ?? words.inbox.file
  const save = async () => {
    setFailed(false)
    try {
      const { url } = await calls.media.url(media.id, 'original')
      const link = document.createElement('a')
      link.href = url
      link.download = name
      link.rel = 'noopener'
      link.click()
    } catch {
      setFailed(true)
    }
  }
  return (
    <button
      type="button"
      aria-label={`${words.media.save}: ${name}`}
      onClick={() => void save()}
      className="my-1 flex min-h-12 w-full max-w-full items-center gap-3 rounded-xl bg-hover px-3 py-2 text-left"
    >
      <span className="text-accent">
        <FileIcon />
      </span>
      <span className="flex min-w-0 flex-1 flex-col">
        <bdi className="truncate font-medium" title={name}>
          {name}
        </bdi>
        <span className="text-muted text-sm">{failed ? words.media.away : bytesIn(language, media.size ?? 0)}</span>
      </span>
    </button>
  )
}
