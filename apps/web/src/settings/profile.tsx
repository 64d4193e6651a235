import { uploadWith } from '@parley/client'
import { type FormEvent, useRef, useState } from 'react'
import { useCalls, useSession } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { TextField } from '../design/text-field.tsx'
import { AvatarOf } from '../media/avatar-of.tsx'
import { useWords } from '../words/words.ts'
import { Section } from './section.tsx'

export function Profile() {
  const words = useWords().settings
  const calls = useCalls()
  const user = useSession()?.user
  const [name, setName] = useState(user?.displayName ?? '')
  const [state, setState] = useState<'editing' | 'busy' | 'saved' | 'failed'>('editing')
  const file = useRef<HTMLInputElement>(null)
  if (!user) return null
  const run = (change: () => Promise<unknown>) => {
    setState('busy')
    change().then(
      () => setState('saved'),
      () => setState('failed'),
    )
  }
  const save = (event: FormEvent) => {
    event.preventDefault()
    run(() => calls.account.update({ displayName: name.trim() }))
  }
  const choose = (chosen: File | undefined) => {
    if (!chosen) return
    run(async () => {
      const { id } = await uploadWith(calls.media, chosen).done
      await calls.account.update({ avatar: id })
    })
  }
  return (
    <Section title={words.profile}>
      <div className="flex items-center gap-4">
        <AvatarOf name={user.displayName} id={user.id} picture={user.avatar} size="large" />
        <div className="flex min-w-0 flex-col items-start">
          <bdi className="max-w-full truncate font-semibold text-lg">{user.displayName}</bdi>
          <span className="text-muted">@{user.username}</span>
          <Button kind="quiet" className="-ml-4" onClick={() => file.current?.click()}>
            {words.picture}
          </Button>
          {user.avatar !== undefined && (
            <Button kind="quiet" className="-ml-4" onClick={() => run(() => calls.account.update({ avatar: null }))}>
              {words.noPicture}
            </Button>
          )}
          <input
            ref={file}
            type="file"
            hidden
            accept="image/*"
            aria-label={words.picture}
            onChange={({ target }) => choose(target.files?.[0])}
          />
        </div>
      </div>
      <form onSubmit={save} className="flex items-end gap-2">
        <TextField
          label={words.name}
          value={name}
          maxLength={80}
          required
          className="flex-1"
          onChange={({ target }) => {
            setName(target.value)
            setState('editing')
          }}
        />
        <Button type="submit" busy={state === 'busy'} disabled={name.trim() === '' || name.trim() === user.displayName}>
          {words.save}
        </Button>
      </form>
      <p role="status" className={state === 'failed' ? 'text-danger' : 'text-muted'}>
        {state === 'saved' ? words.saved : state === 'failed' ? words.failed : ''}
      </p>
    </Section>
  )
}
