import type { Membership, Role } from '@parley/protocol'
import { useMemo, useState } from 'react'
import { useCalls } from '../../client/device-context.ts'
import { useMembers } from '../../client/use-members.ts'
import { useUser } from '../../client/use-user.ts'
import { Button, IconButton } from '../../design/button.tsx'
import { MoreIcon, PlusIcon } from '../../design/icons.tsx'
import { Menu, MenuItem } from '../../design/menu.tsx'
import { Spinner } from '../../design/spinner.tsx'
import { AvatarOf } from '../../media/avatar-of.tsx'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'
import { AddPeople } from './add-people.tsx'

const rank: Record<Role, number> = { owner: 0, admin: 1, member: 2 }

/** Who is in a group; those who lead it change that. */
export function Members() {
  const words = useWords()
  const { conversation } = useConversationView()
  const members = useMembers(conversation.id)
  const [adding, setAdding] = useState(false)
  const [failed, setFailed] = useState(false)
  const sorted = useMemo(() => members?.toSorted((a, b) => rank[a.role] - rank[b.role]), [members])
  const leads = conversation.role === 'owner' || conversation.role === 'admin'
  if (!sorted) return <Spinner label={words.app.loading} />
  return (
    <section>
      <div className="flex items-center">
        <h3 className="flex-1 font-semibold text-muted text-sm">{words.conversation.members(sorted.length)}</h3>
        {leads && (
          <Button kind="quiet" onClick={() => setAdding((now) => !now)} aria-expanded={adding}>
            <PlusIcon size={18} />
            {words.conversation.add}
          </Button>
        )}
      </div>
      {adding && <AddPeople present={sorted.map(({ user }) => user)} onFailed={setFailed} />}
      {failed && (
        <p role="alert" className="text-danger">
          {words.conversation.failed}
        </p>
      )}
      <ul aria-label={words.conversation.members(sorted.length)}>
        {sorted.map((member) => (
          <Member key={member.user} member={member} leads={leads} onFailed={setFailed} />
        ))}
      </ul>
    </section>
  )
}

function Member(props: { member: Membership; leads: boolean; onFailed: (failed: boolean) => void }) {
  const { member, leads, onFailed } = props
  const words = useWords()
  const { conversation, me } = useConversationView()
  const calls = useCalls().conversation(conversation.id)
  const user = useUser(member.user)
  const name = user?.displayName || words.conversation.unknown
  const run = (change: Promise<unknown>) => {
    onFailed(false)
    change.catch(() => onFailed(true))
  }
  const mayChange = leads && member.user !== me && (member.role === 'member' || conversation.role === 'owner')
  return (
    <li className="flex min-h-12 items-center gap-3">
      <AvatarOf name={name} id={member.user} picture={user?.avatar} size="small" />
      <span className="flex min-w-0 flex-1 flex-col">
        <bdi className="truncate" title={name}>
          {member.user === me ? words.conversation.you : name}
        </bdi>
        {user?.username && <span className="truncate text-muted text-sm">@{user.username}</span>}
      </span>
      {member.role !== 'member' && (
        <span className="shrink-0 rounded-full bg-accent-soft px-2 py-0.5 text-link text-xs">
          {words.conversation.role[member.role]}
        </span>
      )}
      {mayChange && (
        <Menu
          trigger={
            <IconButton label={`${words.app.more}: ${name}`}>
              <MoreIcon />
            </IconButton>
          }
        >
          <MenuItem onSelect={() => run(calls.setRole(member.user, member.role === 'member' ? 'admin' : 'member'))}>
            {member.role === 'member' ? words.conversation.makeAdmin : words.conversation.makeMember}
          </MenuItem>
          <MenuItem danger onSelect={() => run(calls.removeMember(member.user))}>
            {words.conversation.takeOut}
          </MenuItem>
        </Menu>
      )}
    </li>
  )
}
