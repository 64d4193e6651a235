import type { Variant } from '@parley/client'
import type { MediaId } from '@parley/protocol'
import { useEffect, useState } from 'react'
import { useCalls } from '../client/device-context.ts'
import { keptMedia } from './media-cache.ts'

/** An address of the bytes inside this page; undefined while they come, null when they cannot be had now. */
export function useMedia(id: MediaId | undefined, variant: Variant): string | null | undefined {
  const calls = useCalls()
  const [address, setAddress] = useState<string | null>()
  useEffect(() => {
    if (id === undefined) return
    const over = new AbortController()
    let made: string | undefined
    const load = () =>
      keptMedia(calls, id, variant, over.signal)
        .then((blob) => {
          if (over.signal.aborted) return
          made = URL.createObjectURL(blob)
          setAddress(made)
        })
        .catch(() => over.signal.aborted || setAddress(null))
    void load()
    const again = () => made === undefined && void load()
    addEventListener('online', again)
    return () => {
      over.abort()
      removeEventListener('online', again)
      if (made !== undefined) URL.revokeObjectURL(made)
    }
  }, [calls, id, variant])
  return address
}
