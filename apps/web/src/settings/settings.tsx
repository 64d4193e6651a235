import { Link } from 'wouter'
import { paths } from '../app/paths.ts'
import { useCalls } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { BackIcon } from '../design/icons.tsx'
import { useWords } from '../words/words.ts'
import { Account } from './account.tsx'
import { Appearance } from './appearance.tsx'
import { Blocks } from './blocks.tsx'
import { Devices } from './devices.tsx'
import { Notifications } from './notifications.tsx'
import { Privacy } from './privacy.tsx'
import { Profile } from './profile.tsx'
import { Storage } from './storage.tsx'

/** Everything that is about me and this browser. */
export function Settings() {
  const words = useWords()
  const calls = useCalls()
  return (
    <main className="mx-auto flex h-full max-w-160 flex-col bg-surface">
      <header className="flex shrink-0 items-center gap-2 border-line border-b p-2">
        <Link
          href={paths.inbox}
          aria-label={words.app.back}
          className="flex size-11 items-center justify-center rounded-full hover:bg-hover"
        >
          <BackIcon />
        </Link>
        <h1 className="font-semibold text-lg">{words.settings.title}</h1>
      </header>
      <div className="flex min-h-0 flex-1 flex-col gap-8 overflow-y-auto p-5">
        <Profile />
        <Privacy />
        <Notifications />
        <Appearance />
        <Devices />
        <Blocks />
        <Storage />
        <Account />
        <Button kind="quiet" onClick={() => void calls.logOut().catch(() => calls.forget())}>
          {words.accounts.logOut}
        </Button>
      </div>
    </main>
  )
}
