import type { ReactNode } from 'react'

/** The page around logging in and registering. */
export function AccountPage({ title, children, foot }: { title: string; children: ReactNode; foot: ReactNode }) {
  return (
    <main className="flex h-full flex-col items-center overflow-y-auto p-4">
      <div className="my-auto w-full max-w-96 rounded-2xl bg-surface p-6 shadow-raised wide:p-8">
        <img src="/icon.svg" alt="" width="56" height="56" className="mb-4" />
        <h1 className="mb-5 text-xl font-semibold">{title}</h1>
        {children}
        <p className="mt-5 text-center text-muted">{foot}</p>
      </div>
    </main>
  )
}
