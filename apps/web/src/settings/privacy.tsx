import { useWords } from '../words/words.ts'
import { Choice, Section, Switch } from './section.tsx'
import { useOwnSettings } from './use-own-settings.ts'

export function Privacy() {
  const words = useWords().settings
  const { settings, failed, change } = useOwnSettings()
  return (
    <Section title={words.privacy}>
      <Switch
        label={words.readReceipts}
        checked={settings?.readReceipts !== false}
        disabled={!settings}
        onChange={(readReceipts) => void change({ readReceipts })}
      />
      <Choice
        label={words.lastSeen}
        value={settings?.lastSeen ?? 'everyone'}
        choices={[
          ['everyone', words.everyone],
          ['contacts', words.contacts],
          ['nobody', words.nobody],
        ]}
        onChange={(lastSeen) => void change({ lastSeen })}
      />
      {failed && <Failed />}
    </Section>
  )
}

export function Failed() {
  const words = useWords().settings
  return (
    <p role="alert" className="text-danger">
      {words.failed}
    </p>
  )
}
