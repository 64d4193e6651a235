import { type FormEvent, useState } from 'react'
import { Link } from 'wouter'
import { paths } from '../app/paths.ts'
import { useCalls } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { TextField } from '../design/text-field.tsx'
import { useWords } from '../words/words.ts'
import { accountError } from './account-error.ts'
import { AccountPage } from './account-page.tsx'
import { thisDevice } from './device-name.ts'

export function Register() {
  const words = useWords()
  const calls = useCalls()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<{ field?: string; text: string }>()
  const register = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const displayName = String(form.get('displayName')).trim()
    const username = String(form.get('username')).trim().toLowerCase()
    const password = String(form.get('password'))
    if (!/^[a-z0-9_.]{3,32}$/.test(username)) {
      return setError({ field: 'username', text: words.accounts.invalidUsername })
    }
    if (password.length < 10) return setError({ field: 'password', text: words.accounts.shortPassword })
    setBusy(true)
    setError(undefined)
    try {
      await calls.register({ username, password, ...(displayName !== '' && { displayName }), device: thisDevice() })
    } catch (failure) {
      setError(accountError(failure, words))
      setBusy(false)
    }
  }
  const errorOf = (field: string) => (error?.field === field ? error.text : undefined)
  return (
    <AccountPage
      title={words.accounts.registerTitle}
      foot={
        <>
          {words.accounts.haveAccount}{' '}
          <Link href={paths.logIn} className="font-semibold text-link">
            {words.accounts.logIn}
          </Link>
        </>
      }
    >
      <form onSubmit={register} noValidate className="flex flex-col gap-4">
        <TextField
          label={words.accounts.displayName}
          name="displayName"
          autoComplete="name"
          maxLength={80}
          hint={words.accounts.displayNameHint}
        />
        <TextField
          label={words.accounts.username}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={32}
          hint={words.accounts.usernameHint}
          error={errorOf('username')}
        />
        <TextField
          label={words.accounts.password}
          name="password"
          type="password"
          autoComplete="new-password"
          hint={words.accounts.passwordHint}
          error={errorOf('password')}
        />
        {error && error.field === undefined && (
          <p role="alert" className="text-sm text-danger">
            {error.text}
          </p>
        )}
        <Button type="submit" busy={busy}>
          {words.accounts.register}
        </Button>
      </form>
    </AccountPage>
  )
}
