import { Component, type ReactNode } from 'react'
import { Button } from '../design/button.tsx'
import { EmptyState } from '../design/empty-state.tsx'
import { AlertIcon } from '../design/icons.tsx'
import type { Words } from '../words/words.ts'

/** Shown instead of what failed to render. What the device knows is in its store, untouched. */
export class ErrorBoundary extends Component<{ words: Words; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override render(): ReactNode {
    const { words, children } = this.props
    if (!this.state.failed) return children
    return (
      <div role="alert" className="h-full">
        <EmptyState
          icon={<AlertIcon size={30} />}
          title={words.app.crashed}
          action={<Button onClick={() => location.reload()}>{words.app.reload}</Button>}
        >
          {words.app.crashedHint}
        </EmptyState>
      </div>
    )
  }
}
