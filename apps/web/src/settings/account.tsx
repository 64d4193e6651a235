import { type FormEvent, useState } from 'react'
import { useCalls } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { Dialog } from '../design/dialog.tsx'
import { TextField } from '../design/text-field.tsx'
import { useWords } from '../words/words.ts'
import { Section } from './section.tsx'

export function Account() {
  const words = useWords().settings
  const [leaving, setLeaving] = useState(false)
  return (
    <Section title={words.account}>
      <PasswordForm />
      <Button kind="danger" onClick={() => setLeaving(true)}>
        {words.deleteAccount}
      </Button>
      {leaving && <DeleteAccount onClose={() => setLeaving(false)} />}
    </Section>
  )
}

type State = 'editing' | 'busy' | 'done' | 'wrong' | 'failed'
const stateOf = (error: unknown): State =>
  (error as { code?: string } | undefined)?.code === 'forbidden' ||
  (error as { code?: string } | undefined)?.code === 'unauthenticated'
    ? 'wrong'
    : 'failed'

function PasswordForm() {
  const words = useWords().settings
  const calls = useCalls()
  const [state, setState] = useState<State>('editing')
  const change = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const [old = '', next = ''] = ['old', 'new'].map((name) => new FormData(form).get(name) as string)
    setState('busy')
    calls.account.changePassword(old, next).then(
      () => {
        form.reset()
        setState('done')
      },
      (error: unknown) => setState(stateOf(error)),
    )
  }
  return (
    <form onSubmit={change} className="flex flex-col gap-3">
      <TextField
        name="old"
        type="password"
        autoComplete="current-password"
        label={words.oldPassword}
        required
        error={state === 'wrong' ? words.wrongPassword : state === 'failed' ? words.failed : undefined}
      />
      <TextField
        name="new"
        type="password"
        autoComplete="new-password"
        label={words.newPassword}
        required
        minLength={10}
      />
      <Button type="submit" kind="quiet" busy={state === 'busy'}>
        {words.password}
      </Button>
      <p role="status" className="text-muted">
        {state === 'done' ? words.passwordChanged : ''}
      </p>
    </form>
  )
}

function DeleteAccount({ onClose }: { onClose: () => void }) {
  const words = useWords()
  const calls = useCalls()
  const [password, setPassword] = useState('')
  const [state, setState] = useState<State>('editing')
  const remove = (event: FormEvent) => {
    event.preventDefault()
    setState('busy')
    calls.account.remove(password).then(
      () => void calls.forget(),
      (error: unknown) => setState(stateOf(error)),
    )
  }
  return (
    <Dialog open onClose={onClose} title={words.settings.deleteAccount}>
      <form onSubmit={remove} className="flex flex-col gap-3">
        <p>{words.settings.deleteHint}</p>
        <TextField
          type="password"
          autoComplete="current-password"
          label={words.settings.oldPassword}
          value={password}
          onChange={({ target }) => setPassword(target.value)}
          error={
            state === 'wrong' ? words.settings.wrongPassword : state === 'failed' ? words.settings.failed : undefined
          }
        />
        <Button type="submit" kind="danger" busy={state === 'busy'} disabled={password === ''}>
          {words.settings.deleteAccount}
        </Button>
      </form>
    </Dialog>
  )
}
