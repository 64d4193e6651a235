import type { User } from '@parley/protocol'
import { useCallback, useEffect, useState } from 'react'
import { useCalls } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { AvatarOf } from '../media/avatar-of.tsx'
import { useWords } from '../words/words.ts'
import { Failed } from './privacy.tsx'
import { Section } from './section.tsx'

export function Blocks() {
  const words = useWords().settings
  const calls = useCalls()
  const [blocked, setBlocked] = useState<readonly User[]>()
  const [failed, setFailed] = useState(false)
  const load = useCallback(() => {
    calls.account.blocks().then(setBlocked, () => setFailed(true))
  }, [calls])
  useEffect(load, [load])
  const unblock = (id: string) => {
    setFailed(false)
    calls.account.unblock(id).then(load, () => setFailed(true))
  }
  return (
    <Section title={words.blocks}>
      {failed && <Failed />}
      {blocked?.length === 0 && <p className="text-muted">{words.noBlocks}</p>}
      <ul>
        {blocked?.map((user) => (
          <li key={user.id} className="flex min-h-14 items-center gap-3">
            <AvatarOf name={user.displayName} id={user.id} picture={user.avatar} size="small" />
            <bdi className="min-w-0 flex-1 truncate">{user.displayName}</bdi>
            <Button kind="quiet" onClick={() => unblock(user.id)} aria-label={`${words.unblock}: ${user.displayName}`}>
              {words.unblock}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  )
}
