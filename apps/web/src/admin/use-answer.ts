import { useCallback, useEffect, useRef, useState } from 'react'

export type Answer<T> =
  | { is: 'loading' }
  | { is: 'failed'; error: unknown }
  /** `stale`: the last try to get a newer one failed. */
  | { is: 'ready'; value: T; stale: boolean }

/** What the server answers; asked again every `every` ms while the page is in sight, and when `again` is called. */
export function useAnswer<T>(load: () => Promise<T>, every?: number): Answer<T> & { again: () => Promise<void> } {
  const [answer, setAnswer] = useState<Answer<T>>({ is: 'loading' })
  /** Answers to what was asked before are void. */
  const asked = useRef(0)
  const again = useCallback(async () => {
    const mine = ++asked.current
    try {
      const value = await load()
      if (mine === asked.current) setAnswer({ is: 'ready', value, stale: false })
    } catch (error) {
      if (mine !== asked.current) return
      setAnswer((before) => (before.is === 'ready' ? { ...before, stale: true } : { is: 'failed', error }))
    }
  }, [load])
  useEffect(() => {
    setAnswer({ is: 'loading' })
    void again()
    return () => {
      asked.current++
    }
  }, [again])
  useEffect(() => {
    if (every === undefined) return
    const timer = setInterval(() => document.visibilityState === 'visible' && void again(), every)
    return () => clearInterval(timer)
  }, [again, every])
  return { ...answer, again }
}
