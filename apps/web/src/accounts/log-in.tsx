import { type FormEvent, useState } from 'react'
import { Link } from 'wouter'
import { paths } from '../app/paths.ts'
import { useCalls, useSession } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { TextField } from '../design/text-field.tsx'
import { useWords } from '../words/words.ts'
import { accountError } from './account-error.ts'
import { AccountPage } from './account-page.tsx'
import { thisDevice } from './device-name.ts'

export function LogIn() {
  const words = useWords()
  const calls = useCalls()
  const before = useSession()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const logIn = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(undefined)
    try {
      const username = String(form.get('username')).trim().toLowerCase()
      await calls.logIn({ username, password: String(form.get('password')), device: thisDevice() })
    } catch (failure) {
      setError(accountError(failure, words).text)
      setBusy(false)
    }
  }
  return (
    <AccountPage
      title={words.accounts.logInTitle}
      foot={
        <>
          {words.accounts.noAccount}{' '}
          <Link href={paths.register} className="font-semibold text-link">
            {words.accounts.register}
          </Link>
        </>
      }
    >
      <form onSubmit={logIn} className="flex flex-col gap-4">
        {before && <p className="rounded-xl bg-accent-soft p-3 text-sm">{words.accounts.loggedOut}</p>}
        <TextField
          label={words.accounts.username}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          defaultValue={before?.user.username}
        />
        <TextField
          label={words.accounts.password}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          error={error}
        />
        <Button type="submit" busy={busy}>
          {words.accounts.logIn}
        </Button>
      </form>
    </AccountPage>
  )
}
