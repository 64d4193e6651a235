import { useState } from 'react'
import type { Device } from '../client/device.ts'
import { DeviceProvider } from '../client/device-context.ts'
import { type Language, type Words, WordsProvider } from '../words/words.ts'
import { ErrorBoundary } from './error-boundary.tsx'
import { Routes } from './routes.tsx'

export function App({ device, language, words }: { device: Device; language: Language; words: Words }) {
  const [spoken] = useState({ language, words })
  return (
    <WordsProvider value={spoken}>
      <ErrorBoundary words={spoken.words}>
        <DeviceProvider value={device}>
          <Routes />
        </DeviceProvider>
      </ErrorBoundary>
    </WordsProvider>
  )
}
