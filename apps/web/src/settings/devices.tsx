import type { Device } from '@parley/protocol'
import { useCallback, useEffect, useState } from 'react'
import { useCalls, useDevice } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { Spinner } from '../design/spinner.tsx'
import { useLanguage, useWords } from '../words/words.ts'
import { Failed } from './privacy.tsx'
import { Section } from './section.tsx'

/** Where I am logged in. Logging one out works within a second. */
export function Devices() {
  const words = useWords()
  const calls = useCalls()
  const device = useDevice()
  const [devices, setDevices] = useState<readonly Device[]>()
  const [failed, setFailed] = useState(false)
  const load = useCallback(() => {
    calls.account.devices().then(setDevices, () => setFailed(true))
  }, [calls])
  useEffect(load, [load])
  useEffect(() => device.on('device', load), [device, load])
  const logOut = (id: string) => {
    setFailed(false)
    calls.account.removeDevice(id).then(load, () => setFailed(true))
  }
  return (
    <Section title={words.settings.devices}>
      {!devices && !failed && <Spinner label={words.app.loading} />}
      {failed && <Failed />}
      <ul className="flex flex-col">
        {devices?.map((one) => (
          <OneDevice key={one.id} device={one} onLogOut={() => logOut(one.id)} />
        ))}
      </ul>
    </Section>
  )
}

function OneDevice({ device, onLogOut }: { device: Device; onLogOut: () => void }) {
  const words = useWords().settings
  const language = useLanguage()
  const { name, current, lastSeenAt, createdAt } = device
  const when = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(
    lastSeenAt ?? createdAt,
  )
  return (
    <li className="flex min-h-14 items-center gap-3 border-line border-b last:border-0">
      <span className="flex min-w-0 flex-1 flex-col">
        <bdi className="truncate font-medium" title={name}>
          {name}
        </bdi>
        <span className="text-muted text-sm">{current ? words.thisDevice : words.lastUsed(when)}</span>
      </span>
      {!current && (
        <Button kind="quiet" onClick={onLogOut} aria-label={`${words.logDeviceOut}: ${name}`}>
          {words.logDeviceOut}
        </Button>
      )}
    </li>
  )
}
