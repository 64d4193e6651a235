import { useSyncExternalStore } from 'react'
import { Button } from '../design/button.tsx'
import { useWords } from '../words/words.ts'
import { updates } from './updates.ts'

/** Says that another version is there, and loads it when asked to. */
export function UpdateBar() {
  const words = useWords()
  const available = useSyncExternalStore(updates.subscribe, updates.available)
  return (
    <div role="status" className="empty:hidden">
      {available && (
        <p className="flex items-center gap-2 bg-accent-soft py-1 pr-2 pl-5 text-sm">
          <span className="flex-1">{words.app.update}</span>
          <Button kind="quiet" onClick={() => updates.take()}>
            {words.app.updateNow}
          </Button>
        </p>
      )}
    </div>
  )
}
