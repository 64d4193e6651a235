import type { MediaUsage } from '@parley/protocol'
import { useCallback, useEffect, useState } from 'react'
import { useCalls } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { bytesIn } from '../media/bytes.ts'
import { forgetMedia, keptBytes, mediaLimit, setMediaLimit } from '../media/media-cache.ts'
import { useLanguage, useWords } from '../words/words.ts'
import { Choice, Section } from './section.tsx'

const megabyte = 1024 * 1024
const limits = [100, 500, 2000, 10_000].map((size) => size * megabyte)

/** What media take at the server and in this browser. */
export function Storage() {
  const words = useWords().settings
  const language = useLanguage()
  const calls = useCalls()
  const [usage, setUsage] = useState<MediaUsage>()
  const [kept, setKept] = useState<number>()
  const [limit, setLimit] = useState(mediaLimit)
  const look = useCallback(() => {
    keptBytes().then(setKept, () => setKept(undefined))
  }, [])
  useEffect(() => {
    calls.media.usage().then(setUsage, () => {})
    look()
  }, [calls, look])
  return (
    <Section title={words.storage}>
      <dl className="flex flex-col gap-2">
        <Row name={words.atServer}>
          {usage ? words.ofQuota(bytesIn(language, usage.bytes), bytesIn(language, usage.quota)) : '…'}
        </Row>
        <Row name={words.inBrowser}>{kept === undefined ? '…' : bytesIn(language, kept)}</Row>
      </dl>
      <Choice
        label={words.keepUpTo}
        value={String(limit)}
        choices={limits.map((size) => [String(size), bytesIn(language, size)] as const)}
        onChange={(chosen) => {
          setMediaLimit(Number(chosen))
          setLimit(Number(chosen))
        }}
      />
      <Button kind="quiet" onClick={() => void forgetMedia().then(look)}>
        {words.forgetMedia}
      </Button>
    </Section>
  )
}

function Row({ name, children }: { name: string; children: string }) {
  return (
    <div className="flex gap-3">
      <dt className="flex-1">{name}</dt>
      <dd className="text-muted">{children}</dd>
    </div>
  )
}
