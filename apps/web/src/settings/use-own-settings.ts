import type { UserSettings } from '@parley/protocol'
import { useCallback, useEffect, useState } from 'react'
import { useCalls } from '../client/device-context.ts'

/** My settings at the server. A change shows at once, and goes back when it could not be saved. */
export function useOwnSettings() {
  const calls = useCalls()
  const [settings, setSettings] = useState<UserSettings>()
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    calls.account.settings().then(setSettings, () => setFailed(true))
  }, [calls])
  const change = useCallback(
    async (changes: UserSettings) => {
      const before = settings
      setFailed(false)
      setSettings((now) => ({ ...now, ...changes }))
      try {
        setSettings(await calls.account.setSettings(changes))
      } catch {
        setSettings(before)
        setFailed(true)
      }
    },
    [calls, settings],
  )
  return { settings, failed, change }
}
