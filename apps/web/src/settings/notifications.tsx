import { useEffect, useState } from 'react'
import { useCalls } from '../client/device-context.ts'
import { useWords } from '../words/words.ts'
import { Failed } from './privacy.tsx'
import { type PushState, pushState, subscribe, unsubscribe } from './push-subscription.ts'
import { Section, Switch } from './section.tsx'
import { useOwnSettings } from './use-own-settings.ts'

const night = { from: '22:00', to: '07:00' }

export function Notifications() {
  const words = useWords().settings
  const calls = useCalls()
  const { settings, failed, change } = useOwnSettings()
  const [push, setPush] = useState<PushState | 'busy' | 'failed'>('busy')
  useEffect(() => {
    pushState().then(setPush, () => setPush('off'))
  }, [])
  const set = (on: boolean) => {
    setPush('busy')
    const done = on ? subscribe(calls) : unsubscribe(calls)
    done.then(setPush, () => setPush('failed'))
  }
  const quiet = settings?.quietHours ?? undefined
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const time = (name: 'from' | 'to') => (
    <label className="flex flex-1 flex-col gap-1">
      {words[name]}
      <input
        type="time"
        required
        value={(quiet ?? night)[name]}
        onChange={({ target }) =>
          target.value && void change({ quietHours: { ...(quiet ?? night), timeZone, [name]: target.value } })
        }
        className="min-h-11 rounded-xl border border-line bg-surface px-3"
      />
    </label>
  )
  return (
    <Section title={words.notifications}>
      <Switch
        label={words.notifyHere}
        checked={push === 'on'}
        disabled={push === 'busy' || push === 'missing' || push === 'denied'}
        onChange={set}
      />
      {push === 'denied' && <p className="text-muted text-sm">{words.notifyDenied}</p>}
      {push === 'missing' && <p className="text-muted text-sm">{words.notifyMissing}</p>}
      <Switch
        label={words.preview}
        checked={settings?.preview === true}
        disabled={!settings}
        onChange={(preview) => void change({ preview })}
      />
      <Switch
        label={words.quiet}
        checked={quiet !== undefined}
        disabled={!settings}
        onChange={(on) => void change({ quietHours: on ? { ...night, timeZone } : null })}
      />
      {quiet && (
        <div className="flex gap-3">
          {time('from')}
          {time('to')}
        </div>
      )}
      {(failed || push === 'failed') && <Failed />}
    </Section>
  )
}
