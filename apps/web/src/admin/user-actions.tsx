import type { AdminUser } from '@parley/protocol'
import { useState } from 'react'
import { useCalls } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { useWords } from '../words/words.ts'
import { Confirm } from './confirm.tsx'
import { NewPassword } from './new-password.tsx'

type Action = 'suspend' | 'unsuspend' | 'reset' | 'log-out' | 'remove' | 'grant' | 'revoke'

/** What an operator can do with a user; each asks first. */
export function UserActions({
  user,
  self,
  changed,
  removed,
}: {
  user: AdminUser
  /** It is the operator who looks. */
  self: boolean
  changed: () => void
  removed: () => void
}) {
  const words = useWords().admin
  const { admin } = useCalls()
  const [asked, ask] = useState<Action>()
  const [password, setPassword] = useState<string>()
  const { id, username, operator, suspended } = user
  const name = `@${username}`
  const close = (): void => ask(undefined)
  const done = (): void => {
    close()
    changed()
  }
  const confirm = { open: true, onClose: close, done }
  return (
    <div className="flex flex-col items-stretch gap-2 wide:flex-row wide:flex-wrap">
      {!operator && suspended && <Button onClick={() => ask('unsuspend')}>{words.unsuspend}</Button>}
      {!operator && !suspended && (
        <Button kind="danger" onClick={() => ask('suspend')}>
          {words.suspend}
        </Button>
      )}
      {!operator && (
        <Button kind="quiet" onClick={() => ask('reset')}>
          {words.resetPassword}
        </Button>
      )}
      <Button kind="quiet" onClick={() => ask('log-out')}>
        {words.logOutAll}
      </Button>
      {!operator && !suspended && (
        <Button kind="quiet" onClick={() => ask('grant')}>
          {words.grant}
        </Button>
      )}
      {operator && (
        <Button kind="quiet" onClick={() => ask('revoke')}>
          {words.revoke}
        </Button>
      )}
      {!operator && (
        <Button kind="quiet" className="text-danger!" onClick={() => ask('remove')}>
          {words.remove}
        </Button>
      )}
      {operator && !self && <p className="text-sm text-muted wide:basis-full">{words.operatorFirst}</p>}
      {asked === 'suspend' && (
        <Confirm
          {...confirm}
          title={words.suspendTitle(name)}
          hint={words.suspendHint}
          action={words.suspend}
          danger
          field={{ label: words.reason, hint: words.reasonHint, valid: (reason) => reason.trim() !== '' }}
          run={(reason) => admin.suspend(id, reason.trim())}
        />
      )}
      {asked === 'unsuspend' && (
        <Confirm
          {...confirm}
          title={words.unsuspendTitle(name)}
          hint={words.unsuspendHint}
          action={words.unsuspend}
          run={() => admin.unsuspend(id)}
        />
      )}
      {asked === 'reset' && (
        <Confirm
          {...confirm}
          title={words.resetTitle(name)}
          hint={words.resetHint}
          action={words.resetPassword}
          danger
          run={async () => setPassword(await admin.resetPassword(id))}
        />
      )}
      {asked === 'log-out' && (
        <Confirm
          {...confirm}
          title={words.logOutTitle(name)}
          hint={words.logOutHint}
          action={words.logOutAll}
          danger
          run={() => admin.logOut(id)}
        />
      )}
      {asked === 'remove' && (
        <Confirm
          {...confirm}
          done={removed}
          title={words.removeTitle(name)}
          hint={words.removeHint}
          action={words.remove}
          danger
          field={{ label: words.removeConfirm(username), valid: (typed) => typed.trim() === username }}
          run={() => admin.remove(id)}
        />
      )}
      {asked === 'grant' && (
        <Confirm
          {...confirm}
          title={words.grantTitle(name)}
          hint={words.grantHint}
          action={words.grant}
          run={() => admin.grantOperator(id)}
        />
      )}
      {asked === 'revoke' && (
        <Confirm
          {...confirm}
          title={words.revokeTitle(name)}
          hint={words.revokeHint}
          action={words.revoke}
          danger
          run={() => admin.revokeOperator(id)}
        />
      )}
      {password !== undefined && <NewPassword password={password} onClose={() => setPassword(undefined)} />}
    </div>
  )
}
