import type { AdminNode, Overview as OverviewAnswer } from '@parley/protocol'
import { useCallback } from 'react'
import { useCalls } from '../client/device-context.ts'
import { classes } from '../design/classes.ts'
import { useLanguage, useWords } from '../words/words.ts'
import { Card } from './frame.tsx'
import { formatBytes, formatDuration } from './numbers.ts'
import { useAnswer } from './use-answer.ts'
import { Waiting } from './waiting.tsx'

const period = 3000

/** How the service is, kept up while it is looked at. */
export function Overview() {
  const words = useWords()
  const calls = useCalls()
  const answer = useAnswer(
    useCallback(() => calls.admin.overview(), [calls]),
    period,
  )
  if (answer.is !== 'ready') return <Waiting answer={answer} again={answer.again} />
  const { value, stale } = answer
  return (
    <div className={classes('flex flex-col gap-3 wide:gap-4', stale && 'opacity-60')}>
      {stale && (
        <p role="status" className="text-center text-sm text-muted">
          {words.admin.offline}
        </p>
      )}
      <Figures overview={value} />
      <Card title={words.admin.nodes(value.nodes.length)}>
        <ul className="flex flex-col divide-y divide-line">
          {value.nodes.map((node) => (
            <Node key={node.id} node={node} now={value.at} />
          ))}
        </ul>
      </Card>
      <Storage overview={value} />
      <p className="text-center text-sm text-muted">{words.admin.version(value.version)}</p>
    </div>
  )
}

function Figures({ overview: { traffic, storage } }: { overview: OverviewAnswer }) {
  const words = useWords()
  const language = useLanguage()
  const number = new Intl.NumberFormat(language)
  const figures: [string, string][] = [
    [words.admin.sessions, number.format(traffic.sessions)],
    [words.admin.perMinute, number.format(traffic.perMinute)],
    [words.admin.messages, number.format(traffic.messages)],
    ...(storage.free === undefined
      ? []
      : [[words.admin.free, formatBytes(storage.free, language)] satisfies [string, string]]),
  ]
  return (
    <dl className="grid grid-cols-2 gap-3 wide:grid-cols-4 wide:gap-4">
      {figures.map(([name, value]) => (
        <div key={name} className="flex flex-col-reverse justify-end gap-1 rounded-2xl bg-surface p-4 shadow-raised">
          <dt className="text-sm text-muted">{name}</dt>
          <dd className="truncate text-xl font-semibold tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Node({ node, now }: { node: AdminNode; now: number }) {
  const words = useWords()
  const language = useLanguage()
  const number = new Intl.NumberFormat(language)
  const details: [string, string | undefined][] = [
    [words.admin.nodeSessions, number.format(node.sessions)],
    [words.admin.nodeMessages, node.traffic && number.format(node.traffic.perMinute)],
    [words.admin.memory, node.memory === undefined ? undefined : formatBytes(node.memory, language)],
    [words.admin.since, node.startedAt === undefined ? undefined : formatDuration(now - node.startedAt, words)],
  ]
  const silent = node.traffic === undefined
  return (
    <li className="flex flex-col gap-2 py-3 first:pt-0 last:pb-0">
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        <span
          className={classes(
            'size-2.5 shrink-0 rounded-full',
            silent || node.draining ? 'bg-[var(--color-warning)]' : 'bg-good',
          )}
        />
        <bdi className="min-w-0 truncate font-semibold" title={node.url}>
          {node.url}
        </bdi>
        <span className="text-sm text-muted">
          {[
            node.here && words.admin.here,
            node.draining && words.admin.draining,
            silent && words.admin.silent,
            node.roles.join(', '),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </div>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-1 wide:grid-cols-4">
        {details.map(([name, value]) => (
          <div key={name} className="min-w-0">
            <dt className="truncate text-sm text-muted">{name}</dt>
            <dd className="truncate tabular-nums">{value ?? '–'}</dd>
          </div>
        ))}
      </dl>
    </li>
  )
}

function Storage({ overview: { storage } }: { overview: OverviewAnswer }) {
  const words = useWords()
  const language = useLanguage()
  const tiers: Record<string, string> = { hot: words.admin.mediaHot, cold: words.admin.mediaCold }
  const parts: [string, number | undefined, string?][] = [
    [words.admin.folder, storage.folder],
    [words.admin.database, storage.database],
    ...(storage.media ?? []).map(
      ({ tier, bytes, objects }) =>
        [tiers[tier] ?? tier, bytes, words.admin.objects(objects)] satisfies [string, number, string],
    ),
  ]
  const known = parts.filter(([, bytes]) => bytes !== undefined)
  return (
    <Card title={words.admin.storage}>
      {known.length === 0 && <p className="text-muted">{words.admin.unknownStorage}</p>}
      <dl className="flex flex-col gap-2">
        {known.map(([name, bytes = 0, note]) => (
          <div key={name} className="flex items-baseline gap-3">
            <dt className="min-w-0 flex-1 truncate">{name}</dt>
            {note && <dd className="text-sm text-muted">{note}</dd>}
            <dd className="font-semibold tabular-nums">{formatBytes(bytes, language)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
