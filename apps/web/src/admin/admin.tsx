import { ParleyError } from '@parley/client'
import type { Overview } from '@parley/protocol'
import { useCallback, useState } from 'react'
import { Redirect, Route, Switch } from 'wouter'
import { LogIn } from '../accounts/log-in.tsx'
import { noteClaim, waitingClaim } from '../app/claim.ts'
import { paths } from '../app/paths.ts'
import type { Calls } from '../client/calls.ts'
import { useCalls, useSession } from '../client/device-context.ts'
import { EmptyState } from '../design/empty-state.tsx'
import { SettingsIcon } from '../design/icons.tsx'
import { useWords } from '../words/words.ts'
import { Audit } from './audit.tsx'
import { Claim } from './claim.tsx'
import { Frame, sections } from './frame.tsx'
import { Overview as OverviewPage } from './overview.tsx'
import { useAnswer } from './use-answer.ts'
import { User } from './user.tsx'
import { Users } from './users.tsx'
import { Waiting } from './waiting.tsx'

/** The operator's page. */
export function Admin() {
  const [token, setToken] = useState(() => {
    noteClaim()
    return waitingClaim()
  })
  const loggedIn = useSession()?.token !== undefined
  if (!loggedIn) return <LogIn />
  if (token === undefined) return <Operated />
  return (
    <Frame nav={false}>
      <Claim token={token} done={() => setToken(undefined)} />
    </Frame>
  )
}

function Operated() {
  const words = useWords()
  const calls = useCalls()
  const right = useAnswer(useCallback(() => overviewSoon(calls), [calls]))
  if (right.is === 'ready') return <Sections />
  const refused = right.is === 'failed' && right.error instanceof ParleyError && right.error.code === 'forbidden'
  return (
    <Frame nav={false}>
      {refused ? (
        <EmptyState icon={<SettingsIcon size={30} />} title={words.admin.notOperator}>
          {words.admin.notOperatorHint}
        </EmptyState>
      ) : (
        <Waiting answer={right} again={right.again} />
      )}
    </Frame>
  )
}

/** The page learns of a log-in a moment before the client goes by it. */
async function overviewSoon({ admin }: Calls): Promise<Overview> {
  for (let tries = 0; ; tries++) {
    try {
      return await admin.overview()
    } catch (error) {
      if (tries === 3 || !(error instanceof ParleyError && error.code === 'unauthenticated')) throw error
      await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** tries))
    }
  }
}

function Sections() {
  return (
    <Frame>
      <Switch>
        <Route path={`${sections.users}/:id`}>{({ id }) => <User key={id} id={id} />}</Route>
        <Route path={sections.users}>
          <Users />
        </Route>
        <Route path={sections.audit}>
          <Audit />
        </Route>
        <Route path={paths.admin}>
          <OverviewPage />
        </Route>
        <Route>
          <Redirect to={paths.admin} replace />
        </Route>
      </Switch>
    </Frame>
  )
}
