import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { paths } from '../app/paths.ts'
import { classes } from '../design/classes.ts'
import { BackIcon } from '../design/icons.tsx'
import { useWords } from '../words/words.ts'

export const sections = { users: `${paths.admin}/users`, audit: `${paths.admin}/audit` } as const

/** The page around every section: where one is, and where one can go. */
export function Frame({ children, nav = true }: { children: ReactNode; nav?: boolean }) {
  const words = useWords()
  const [location] = useLocation()
  const places: [string, string, boolean][] = [
    [paths.admin, words.admin.overview, location.replace(/\/$/, '') === paths.admin],
    [sections.users, words.admin.users, location.startsWith(sections.users)],
    [sections.audit, words.admin.audit, location.startsWith(sections.audit)],
  ]
  return (
    <div className="flex h-full flex-col bg-ground">
      <header className="border-line border-b bg-surface">
        <div className="mx-auto flex max-w-240 items-center gap-1 px-2 pt-2">
          <Link
            href={paths.inbox}
            aria-label={words.app.back}
            title={words.app.back}
            className="flex size-11 shrink-0 items-center justify-center rounded-full text-muted hover:bg-hover hover:text-text"
          >
            <BackIcon />
          </Link>
          <h1 className="min-w-0 flex-1 truncate text-lg font-semibold">{words.admin.title}</h1>
        </div>
        {nav ? (
          <nav aria-label={words.admin.sections} className="mx-auto flex max-w-240 gap-1 px-3">
            {places.map(([to, text, here]) => (
              <Link
                key={to}
                href={to}
                aria-current={here ? 'page' : undefined}
                className={classes(
                  'flex min-h-11 items-center border-b-2 px-3 font-semibold -outline-offset-2',
                  here ? 'border-accent text-link' : 'border-transparent text-muted hover:text-text',
                )}
              >
                {text}
              </Link>
            ))}
          </nav>
        ) : (
          <div className="pb-2" />
        )}
      </header>
      <main className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto max-w-240 p-3 wide:p-6">{children}</div>
      </main>
    </div>
  )
}

export function Card({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <section className="rounded-2xl bg-surface p-4 shadow-raised wide:p-5">
      {title && <h2 className="mb-3 text-lg font-semibold">{title}</h2>}
      {children}
    </section>
  )
}
