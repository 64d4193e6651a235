import { useCalls } from '../client/device-context.ts'
import { AnchoredMenu } from '../design/anchored-menu.tsx'
import { ArchiveIcon, InfoIcon, LogOutIcon, MutedIcon, PinIcon, TrashIcon } from '../design/icons.tsx'
import { MenuItem } from '../design/menu.tsx'
import { useWords } from '../words/words.ts'
import { useConversationView } from './conversation-view.ts'

const mutedFor = 8 * 3_600_000

/** What can be done with the whole conversation. */
export function ConversationMenu({ anchor, onClose }: { anchor: HTMLElement; onClose: () => void }) {
  const words = useWords()
  const calls = useCalls()
  const { conversation, open } = useConversationView()
  const { id, kind, role, settings } = conversation
  const muted = (settings.mutedUntil ?? 0) > Date.now()
  const set = (changes: Parameters<ReturnType<typeof calls.conversation>['setSettings']>[0]) =>
    void calls
      .conversation(id)
      .setSettings(changes)
      .catch(() => {})
  return (
    <AnchoredMenu anchor={anchor} label={words.app.more} onClose={onClose}>
      <MenuItem icon={<InfoIcon />} onSelect={() => open({ what: 'details' })}>
        {words.conversation.details}
      </MenuItem>
      {role !== null && (
        <>
          <MenuItem icon={<MutedIcon />} onSelect={() => set({ mutedUntil: muted ? null : Date.now() + mutedFor })}>
            {muted ? words.conversation.unmute : words.conversation.mute}
          </MenuItem>
          <MenuItem icon={<PinIcon />} onSelect={() => set({ pinned: !settings.pinned })}>
            {settings.pinned ? words.conversation.unpinChat : words.conversation.pinChat}
          </MenuItem>
          <MenuItem icon={<ArchiveIcon />} onSelect={() => set({ archived: !settings.archived })}>
            {settings.archived ? words.conversation.unarchive : words.conversation.archive}
          </MenuItem>
        </>
      )}
      <MenuItem danger icon={<TrashIcon />} onSelect={() => open({ what: 'clear' })}>
        {words.conversation.clear}
      </MenuItem>
      {kind === 'group' && role !== null && (
        <MenuItem danger icon={<LogOutIcon />} onSelect={() => open({ what: 'leave' })}>
          {words.conversation.leave}
        </MenuItem>
      )}
    </AnchoredMenu>
  )
}
