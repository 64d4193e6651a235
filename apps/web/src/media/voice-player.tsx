import type { Media } from '@parley/protocol'
import { useEffect, useRef, useState } from 'react'
import { IconButton } from '../design/button.tsx'
import { PauseIcon, PlayIcon } from '../design/icons.tsx'
import { useWords } from '../words/words.ts'
import { useMedia } from './use-media.ts'
import { Waveform } from './waveform.tsx'

/** A voice message: its shape is how loud it is, a press on it goes there. */
export function VoicePlayer({ media }: { media: Media }) {
  const words = useWords()
  const address = useMedia(media.id, 'original')
  const audio = useRef<HTMLAudioElement>(null)
  const [playing, setPlaying] = useState(false)
  const [at, setAt] = useState(0)
  const length = media.duration ?? 0
  useEffect(() => () => audio.current?.pause(), [])
  const toggle = () => {
    const player = audio.current
    if (!player) return
    if (player.paused) void player.play().catch(() => {})
    else player.pause()
  }
  return (
    <div className="my-1 flex w-64 max-w-full items-center gap-2">
      <IconButton
        label={playing ? words.media.pause : words.media.play}
        onClick={toggle}
        disabled={!address}
        className="text-accent"
      >
        {playing ? <PauseIcon /> : <PlayIcon />}
      </IconButton>
      <div className="min-w-0 flex-1">
        <Waveform
          heights={media.waveform ?? []}
          progress={length > 0 ? at / length : 0}
          label={words.inbox.voice}
          onSeek={(part) => {
            if (audio.current) audio.current.currentTime = part * length
          }}
        />
        <span className="text-muted text-xs">
          {address === null ? words.media.away : clock(playing || at > 0 ? at : length)}
        </span>
      </div>
      {address && (
        // biome-ignore lint/a11y/useMediaCaption: people who talk to each other make no captions
        <audio
          ref={audio}
          src={address}
          preload="metadata"
          onPlay={() => setPlaying(true)}
          onPause={() => setPlaying(false)}
          onTimeUpdate={({ currentTarget }) => setAt(currentTarget.currentTime)}
          onEnded={() => setAt(0)}
        />
      )}
    </div>
  )
}

export function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
