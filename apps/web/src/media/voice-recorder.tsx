import { useEffect, useRef, useState } from 'react'
import { useCalls } from '../client/device-context.ts'
import { useConversationView } from '../conversation/conversation-view.ts'
import { IconButton } from '../design/button.tsx'
import { SendIcon, TrashIcon } from '../design/icons.tsx'
import { useWords } from '../words/words.ts'
import type { Recorded } from './recording.ts'
import { Recording } from './recording.ts'
import { clock } from './voice-player.tsx'

const shownBars = 30
/** Shorter ones are presses by mistake. */
const shortest = 0.5

/** In place of the field while somebody speaks. */
export function VoiceRecorder(props: { onDone: (recorded: Recorded | undefined) => void }) {
  const { onDone } = props
  const words = useWords().media
  const calls = useCalls()
  const { id } = useConversationView().conversation
  const recording = useRef<Recording>(undefined)
  const [, redraw] = useState(0)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    let over = false
    const say = (state: 'recording' | 'idle') =>
      void calls
        .conversation(id)
        .typing(state)
        .catch(() => {})
    Recording.start().then(
      (started) => {
        if (over) return started.discard()
        recording.current = started
        say('recording')
      },
      () => setFailed(true),
    )
    const timer = setInterval(() => redraw((turn) => turn + 1), 100)
    return () => {
      over = true
      clearInterval(timer)
      recording.current?.discard()
      say('idle')
    }
  }, [calls, id])
  const stop = async () => {
    const current = recording.current
    recording.current = undefined
    const recorded = await current?.stop()
    onDone(recorded && recorded.duration >= shortest ? recorded : undefined)
  }
  const loudness = recording.current?.loudness.slice(-shownBars) ?? []
  return (
    <div className="flex min-h-11 flex-1 items-center gap-2">
      <IconButton label={words.discard} onClick={() => onDone(undefined)} className="text-danger">
        <TrashIcon />
      </IconButton>
      {failed ? (
        <p role="alert" className="flex-1 text-danger text-sm">
          {words.noMicrophone}
        </p>
      ) : (
        <>
          <span role="status" className="sr-only">
            {words.recording}
          </span>
          <span aria-hidden="true" className="flex h-8 min-w-0 flex-1 items-center justify-end gap-0.5 overflow-hidden">
            {loudness.map((height, index) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: bars have no other name than their place
                key={index}
                className="w-1 rounded-full bg-accent"
                style={{ height: `${Math.max(8, height * 100)}%` }}
              />
            ))}
          </span>
          <span className="w-12 text-right text-muted tabular-nums">{clock(recording.current?.duration ?? 0)}</span>
          <IconButton label={words.stop} onClick={() => void stop()} className="text-accent">
            <SendIcon />
          </IconButton>
        </>
      )}
    </div>
  )
}
