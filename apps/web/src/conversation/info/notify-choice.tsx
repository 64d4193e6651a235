import type { Settings } from '@parley/protocol'
import { useCalls } from '../../client/device-context.ts'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'

type Notify = NonNullable<Settings['notify']>

export function NotifyChoice() {
  const words = useWords().conversation
  const calls = useCalls()
  const { conversation } = useConversationView()
  const choices: [Notify, string][] = [
    ['all', words.notifyAll],
    ['mentions', words.notifyMentions],
    ['none', words.notifyNone],
  ]
  return (
    <label className="flex flex-col gap-1 font-medium">
      {words.notify}
      <select
        value={conversation.settings.notify ?? 'all'}
        onChange={({ target }) =>
          void calls
            .conversation(conversation.id)
            .setSettings({ notify: target.value as Notify })
            .catch(() => {})
        }
        className="min-h-11 rounded-xl border border-line bg-surface px-3 font-normal"
      >
        {choices.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
