import { lazy, Suspense } from 'react'
import { Redirect, Route, Switch } from 'wouter'
import { LogIn } from '../accounts/log-in.tsx'
import { Register } from '../accounts/register.tsx'
import { useSession } from '../client/device-context.ts'
import { Spinner } from '../design/spinner.tsx'
import { useWords } from '../words/words.ts'
import { waitingClaim } from './claim.ts'
import { paths } from './paths.ts'
import { Shell } from './shell.tsx'

const Settings = lazy(async () => ({ default: (await import('../settings/settings.tsx')).Settings }))
const Admin = lazy(async () => ({ default: (await import('../admin/admin.tsx')).Admin }))

/** Which page an address shows, to whom. */
export function Routes() {
  const words = useWords()
  const loggedIn = useSession()?.token !== undefined
  return (
    <Suspense
      fallback={
        <div className="flex h-full items-center justify-center text-muted">
          <Spinner label={words.app.loading} />
        </div>
      }
    >
      <Switch>
        <Route path={`${paths.admin}/*?`}>
          <Admin />
        </Route>
        {!loggedIn && (
          <Switch>
            <Route path={paths.register}>
              <Register />
            </Route>
            <Route>
              <LogIn />
            </Route>
          </Switch>
        )}
        <Route path={paths.logIn}>
          <Redirect to={paths.inbox} replace />
        </Route>
        <Route path={paths.register}>
          <Redirect to={waitingClaim() ? paths.admin : paths.inbox} replace />
        </Route>
        <Route path={`${paths.settings}/*?`}>
          <Settings />
        </Route>
        <Route path="/c/:id/*?">{({ id }) => <Shell conversation={id} />}</Route>
        <Route>
          <Shell />
        </Route>
      </Switch>
    </Suspense>
  )
}
