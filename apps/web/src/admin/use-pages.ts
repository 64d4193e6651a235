import { useCallback, useEffect, useRef, useState } from 'react'

interface Page<T> {
  items: T[]
  next?: string | undefined
}

type Pages<T> = { is: 'loading' } | { is: 'failed'; error: unknown } | { is: 'ready'; items: T[]; more: boolean }

/** A list that is read page by page, anew when `of` changes. */
export function usePages<T>(
  load: (cursor: string | undefined) => Promise<Page<T>>,
  of = '',
): Pages<T> & { busy: boolean; next: () => Promise<void>; again: () => Promise<void> } {
  const [pages, setPages] = useState<Pages<T>>({ is: 'loading' })
  const [busy, setBusy] = useState(false)
  const cursor = useRef<string>(undefined)
  const era = useRef(0)
  const loading = useRef(load)
  loading.current = load

  const read = useCallback(async (before: T[], from: string | undefined) => {
    const mine = ++era.current
    setBusy(true)
    try {
      const page = await loading.current(from)
      if (mine !== era.current) return
      cursor.current = page.next
      setPages({ is: 'ready', items: [...before, ...page.items], more: page.next !== undefined })
    } catch (error) {
      if (mine === era.current && before.length === 0) setPages({ is: 'failed', error })
    } finally {
      if (mine === era.current) setBusy(false)
    }
  }, [])
  const again = useCallback(() => read([], undefined), [read])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another `of` is another list
  useEffect(() => {
    void again()
    return () => {
      era.current++
    }
  }, [again, of])
  const items = pages.is === 'ready' ? pages.items : []
  return { ...pages, busy, again, next: () => read(items, cursor.current) }
}
