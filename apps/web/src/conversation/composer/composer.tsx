import type { Message } from '@parley/protocol'
import { type KeyboardEvent, lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useCalls } from '../../client/device-context.ts'
import { useDraft } from '../../client/use-shared.ts'
import { IconButton } from '../../design/button.tsx'
import { CheckIcon, MicrophoneIcon, SendIcon } from '../../design/icons.tsx'
import { AttachButton } from '../../media/attach-button.tsx'
import type { Recorded } from '../../media/recording.ts'
import { useSendFiles } from '../../media/use-send-files.ts'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'
import { Banner } from './banner.tsx'
import { EmojiButton } from './emoji-button.tsx'
import { MentionList } from './mention-list.tsx'
import { insertAt, mentionAt, mentionsIn } from './mentions.ts'
import { useMentionable } from './use-mentionable.ts'
import { useTypingNotice } from './use-typing-notice.ts'

const VoiceRecorder = lazy(async () => ({ default: (await import('../../media/voice-recorder.tsx')).VoiceRecorder }))

/** Where a message is written; what is typed is kept as a draft, in all tabs, until it is sent. */
export function Composer({ onUp }: { onUp: () => void }) {
  const words = useWords()
  const { conversation, writing } = useConversationView()
  const [draft, setDraft] = useDraft(conversation.id)
  if (conversation.role === null) {
    return (
      <p className="shrink-0 border-line border-t bg-surface p-4 text-center text-muted">{words.conversation.left}</p>
    )
  }
  if (writing.kind === 'edit') return <EditComposer key={writing.message.seq} message={writing.message} />
  return <NewComposer text={draft?.text ?? ''} replyTo={draft?.replyTo} setDraft={setDraft} onUp={onUp} />
}

function NewComposer(props: {
  text: string
  replyTo: number | undefined
  setDraft: ReturnType<typeof useDraft>[1]
  onUp: () => void
}) {
  const { text, replyTo, setDraft, onUp } = props
  const calls = useCalls()
  const { conversation } = useConversationView()
  const people = useMentionable(conversation)
  const notice = useTypingNotice(conversation.id)
  const sending = useSendFiles(conversation.id)
  const change = (next: string) => {
    setDraft({ text: next, ...(replyTo !== undefined && { replyTo }) })
    notice(next !== '')
  }
  const send = () => {
    const said = text.trim()
    if (said === '') return
    setDraft(undefined)
    notice(false)
    const mentions = mentionsIn(said, people)
    // It is in the outbox before anything else happens; what the server refuses stays in the list.
    void calls
      .conversation(conversation.id)
      .send(said, { ...(replyTo !== undefined && { replyTo }), ...(mentions.length > 0 && { mentions }) })
      .catch(() => {})
  }
  return (
    <Field
      text={text}
      onChange={change}
      onSend={send}
      onUp={onUp}
      banner={replyTo !== undefined && <Banner seq={replyTo} onClose={() => setDraft({ text })} />}
      focusOn={replyTo}
      onFiles={(files) => {
        void sending.files(files, replyTo)
        if (replyTo !== undefined) setDraft({ text })
      }}
      onVoice={(recorded) => void sending.voice(recorded, replyTo)}
    />
  )
}

function EditComposer({ message }: { message: Message }) {
  const calls = useCalls()
  const { write } = useConversationView()
  const before = 'text' in message.content ? (message.content.text ?? '') : ''
  const [text, setText] = useState(before)
  const close = () => write({ kind: 'new' })
  const save = () => {
    const said = text.trim()
    if (said !== '' && said !== before) {
      void calls
        .conversation(message.conversation)
        .edit(message.seq, { ...message.content, text: said })
        .catch(() => {})
    }
    close()
  }
  return (
    <Field
      text={text}
      onChange={setText}
      onSend={save}
      onEscape={close}
      editing
      banner={<Banner seq={message.seq} editing onClose={close} />}
      focusOn={message.seq}
    />
  )
}

function Field(props: {
  text: string
  onChange: (text: string) => void
  onSend: () => void
  onEscape?: () => void
  onUp?: () => void
  editing?: boolean
  banner: React.ReactNode
  /** The field takes the focus when this changes. */
  focusOn: number | undefined
  onFiles?: (files: readonly File[]) => void
  onVoice?: (recorded: Recorded) => void
}) {
  const { text, onChange, onSend, onEscape, onUp, editing = false, banner, focusOn, onFiles, onVoice } = props
  const { conversation: words, media } = useWords()
  const { conversation } = useConversationView()
  const field = useRef<HTMLTextAreaElement>(null)
  const people = useMentionable(conversation)
  const [caret, setCaret] = useState(0)
  const [speaking, setSpeaking] = useState(false)
  const [closedAt, setClosedAt] = useState<number>()
  const mention = mentionAt(text, caret, people)
  const listed = mention && mention.start !== closedAt ? mention : undefined
  const [active, setActive] = useState(0)

  useEffect(() => {
    const focus = matchMedia('(hover: hover)').matches || focusOn !== undefined
    if (focus) field.current?.focus()
  }, [focusOn])

  const put = (next: { text: string; caret: number }) => {
    onChange(next.text)
    setCaret(next.caret)
    requestAnimationFrame(() => field.current?.setSelectionRange(next.caret, next.caret))
    field.current?.focus()
  }
  const choose = (username: string) => listed && put(insertAt(text, listed.start, caret, `@${username} `))
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const { key } = event
    const chosen = listed?.people[Math.min(active, listed.people.length - 1)]
    if (listed && chosen && (key === 'ArrowDown' || key === 'ArrowUp')) {
      event.preventDefault()
      const count = listed.people.length
      setActive((now) => (now + (key === 'ArrowDown' ? 1 : count - 1)) % count)
    } else if (listed && chosen && (key === 'Enter' || key === 'Tab')) {
      event.preventDefault()
      choose(chosen.username)
    } else if (listed && key === 'Escape') {
      event.stopPropagation()
      setClosedAt(listed.start)
    } else if (key === 'Escape') onEscape?.()
    else if (key === 'ArrowUp' && text === '') onUp?.()
    else if (key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      onSend()
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onSend()
      }}
      className="relative shrink-0 border-line border-t bg-surface p-2 pb-[max(0.5rem,env(safe-area-inset-bottom))] wide:px-4"
    >
      {banner}
      {listed && <MentionList people={listed.people} active={active} onChoose={choose} />}
      {speaking ? (
        <Suspense>
          <VoiceRecorder
            onDone={(recorded) => {
              setSpeaking(false)
              if (recorded) onVoice?.(recorded)
            }}
          />
        </Suspense>
      ) : (
        <div className="flex items-end gap-1">
          {onFiles && <AttachButton onFiles={onFiles} />}
          <EmojiButton onPick={(emoji) => put(insertAt(text, caret, caret, emoji))} />
          <textarea
            ref={field}
            aria-label={editing ? words.editing : words.write}
            placeholder={words.write}
            dir="auto"
            rows={1}
            maxLength={16_000}
            value={text}
            onChange={({ target }) => {
              setCaret(target.selectionStart)
              setActive(0)
              onChange(target.value)
            }}
            onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
            onKeyDown={onKeyDown}
            onPaste={(event) => {
              const files = [...event.clipboardData.files]
              if (files.length === 0 || !onFiles) return
              event.preventDefault()
              onFiles(files)
            }}
            aria-autocomplete={people.length > 0 ? 'list' : undefined}
            aria-controls={listed ? 'mentions' : undefined}
            aria-activedescendant={listed ? `mention-${active}` : undefined}
            className="field-sizing-content max-h-40 min-h-11 min-w-0 flex-1 resize-none rounded-2xl border border-line bg-ground px-4 py-2.5"
          />
          {onVoice && text.trim() === '' && 'MediaRecorder' in window ? (
            <IconButton label={media.record} onClick={() => setSpeaking(true)}>
              <MicrophoneIcon />
            </IconButton>
          ) : (
            <IconButton
              type="submit"
              label={editing ? words.save : words.send}
              disabled={text.trim() === ''}
              className="text-accent"
            >
              {editing ? <CheckIcon /> : <SendIcon />}
            </IconButton>
          )}
        </div>
      )}
    </form>
  )
}
