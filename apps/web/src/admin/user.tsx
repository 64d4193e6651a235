import type { AdminDevice } from '@parley/protocol'
import { useCallback } from 'react'
import { Link, useLocation } from 'wouter'
import { useCalls, useMe } from '../client/device-context.ts'
import { Avatar } from '../design/avatar.tsx'
import { Button } from '../design/button.tsx'
import { BackIcon } from '../design/icons.tsx'
import { useLanguage, useWords } from '../words/words.ts'
import { Card, sections } from './frame.tsx'
import { formatDate, formatTime } from './numbers.ts'
import { useAnswer } from './use-answer.ts'
import { UserActions } from './user-actions.tsx'
import { Badges } from './users.tsx'
import { Waiting } from './waiting.tsx'

const period = 5000

/** One user: who it is, their devices, and what can be done. */
export function User({ id }: { id: string }) {
  const words = useWords()
  const language = useLanguage()
  const calls = useCalls()
  const me = useMe()
  const [, go] = useLocation()
  const load = useCallback(
    async () => ({ user: await calls.admin.user(id), devices: await calls.admin.devices(id) }),
    [calls, id],
  )
  const answer = useAnswer(load, period)
  return (
    <div className="flex flex-col gap-3 wide:gap-4">
      <Link
        href={sections.users}
        className="flex min-h-11 items-center gap-1 self-start rounded-xl pr-3 font-semibold text-link hover:bg-hover"
      >
        <BackIcon />
        {words.admin.users}
      </Link>
      {answer.is !== 'ready' ? (
        <Waiting answer={answer} again={answer.again} />
      ) : (
        <>
          <Card>
            <div className="flex items-center gap-4">
              <Avatar name={answer.value.user.displayName} id={id} size="medium" />
              <div className="min-w-0 flex-1">
                <h2 className="truncate text-lg font-semibold" title={answer.value.user.displayName}>
                  <bdi>{answer.value.user.displayName}</bdi>
                </h2>
                <p className="truncate text-muted">@{answer.value.user.username}</p>
              </div>
              <div className="flex flex-col items-end gap-1">
                <Badges user={answer.value.user} />
              </div>
            </div>
            <p className="mt-3 text-sm text-muted">
              {words.admin.joined(formatDate(answer.value.user.createdAt, language))}
            </p>
            {answer.value.user.suspended && (
              <p dir="auto" className="mt-2 break-words rounded-xl bg-danger-soft p-3 text-danger">
                {words.admin.suspendedBecause(
                  formatDate(answer.value.user.suspended.at, language),
                  answer.value.user.suspended.reason,
                )}
              </p>
            )}
          </Card>
          <Card title={words.admin.devicesTitle}>
            {answer.value.devices.length === 0 ? (
              <p className="text-muted">{words.admin.noDevices}</p>
            ) : (
              <ul className="divide-y divide-line">
                {answer.value.devices.map((device) => (
                  <DeviceRow
                    key={device.id}
                    device={device}
                    logOut={async () => {
                      await calls.admin.logOut(id, device.id)
                      await answer.again()
                    }}
                  />
                ))}
              </ul>
            )}
          </Card>
          <Card title={words.admin.actions}>
            <UserActions
              user={answer.value.user}
              self={id === me}
              changed={() => void answer.again()}
              removed={() => go(sections.users)}
            />
          </Card>
        </>
      )}
    </div>
  )
}

function DeviceRow({ device, logOut }: { device: AdminDevice; logOut: () => Promise<void> }) {
  const words = useWords()
  const language = useLanguage()
  const { nodes, name, platform, lastSeenAt } = device
  const seen =
    nodes.length > 0 ? words.admin.connected : lastSeenAt && words.admin.lastSeen(formatTime(lastSeenAt, language))
  return (
    <li className="flex items-center gap-3 py-2">
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 items-center gap-2">
          {nodes.length > 0 && <span className="size-2.5 shrink-0 rounded-full bg-good" />}
          <bdi className="truncate" title={name}>
            {name}
          </bdi>
        </p>
        <p className="truncate text-sm text-muted">{[platform, seen].filter(Boolean).join(' · ')}</p>
      </div>
      <Button
        kind="quiet"
        onClick={() => void logOut().catch(() => {})}
        aria-label={`${words.admin.logOutDevice}: ${name}`}
      >
        {words.admin.logOutDevice}
      </Button>
    </li>
  )
}
