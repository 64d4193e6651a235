import { useState } from 'react'
import { Button } from '../../design/button.tsx'
import { Dialog } from '../../design/dialog.tsx'
import { EditIcon, StarIcon } from '../../design/icons.tsx'
import { nameOf } from '../../inbox/name-of.ts'
import { AvatarOf } from '../../media/avatar-of.tsx'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'
import { PresenceLine } from '../presence-line.tsx'
import { EditGroup } from './edit-group.tsx'
import { Members } from './members.tsx'
import { NotifyChoice } from './notify-choice.tsx'
import { StarredHere } from './starred-here.tsx'

/** Who and what a conversation is, and how I am notified of it. */
export function InfoDialog() {
  const words = useWords()
  const { conversation, open } = useConversationView()
  const [page, setPage] = useState<'overview' | 'edit' | 'starred'>('overview')
  const { kind, role, peer, description } = conversation
  const name = nameOf(conversation, words)
  const leads = role === 'owner' || role === 'admin'
  return (
    <Dialog open onClose={() => open(undefined)} title={words.conversation.details}>
      {page === 'edit' && <EditGroup onDone={() => setPage('overview')} />}
      {page === 'starred' && <StarredHere />}
      {page === 'overview' && (
        <div className="flex flex-col gap-4">
          <div className="flex flex-col items-center gap-1 text-center">
            <AvatarOf
              name={name}
              id={peer?.id ?? conversation.id}
              picture={peer?.avatar ?? conversation.avatar}
              size="large"
            />
            <bdi className="max-w-full pt-2 font-semibold text-xl wrap-anywhere">{name}</bdi>
            {peer?.username && <span className="text-muted">@{peer.username}</span>}
            <PresenceLine conversation={conversation} />
            {description && (
              <p dir="auto" className="whitespace-pre-wrap pt-2 wrap-anywhere">
                {description}
              </p>
            )}
          </div>
          <div className="flex flex-wrap justify-center gap-2">
            {kind === 'group' && leads && (
              <Button kind="quiet" onClick={() => setPage('edit')}>
                <EditIcon size={18} />
                {words.conversation.edit}
              </Button>
            )}
            <Button kind="quiet" onClick={() => setPage('starred')}>
              <StarIcon size={18} />
              {words.conversation.starredHere}
            </Button>
          </div>
          {role !== null && <NotifyChoice />}
          {kind === 'group' && role !== null && <Members />}
        </div>
      )}
    </Dialog>
  )
}
