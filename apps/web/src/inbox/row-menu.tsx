import type { Conversation } from '@parley/client'
import { useCalls } from '../client/device-context.ts'
import { AnchoredMenu } from '../design/anchored-menu.tsx'
import { ArchiveIcon, CheckIcon, MutedIcon, PinIcon } from '../design/icons.tsx'
import { MenuItem } from '../design/menu.tsx'
import { useWords } from '../words/words.ts'
import { nameOf } from './name-of.ts'
import { isMuted } from './order.ts'

const hour = 60 * 60 * 1000
/** Until the end of the year 9999: for good. */
const always = 253_402_300_799_000

/** What can be done with a conversation from the list. */
export function RowMenu({
  conversation,
  anchor,
  onClose,
}: {
  conversation: Conversation
  anchor: HTMLElement
  onClose: () => void
}) {
  const words = useWords().inbox
  const name = nameOf(conversation, useWords())
  const calls = useCalls().conversation(conversation.id)
  const { settings, unread, head } = conversation
  const muted = isMuted(conversation, Date.now())
  // What the server did not take stays as it was, and is seen to.
  const set = (changes: Parameters<typeof calls.setSettings>[0]) => () =>
    void calls.setSettings(changes).catch(() => {})
  return (
    <AnchoredMenu anchor={anchor} label={words.actionsOf(name)} onClose={onClose}>
      <MenuItem icon={<PinIcon />} onSelect={set({ pinned: !settings.pinned })}>
        {settings.pinned ? words.unpin : words.pin}
      </MenuItem>
      {muted ? (
        <MenuItem icon={<MutedIcon />} onSelect={set({ mutedUntil: null })}>
          {words.unmute}
        </MenuItem>
      ) : (
        <>
          <MenuItem icon={<MutedIcon />} onSelect={() => set({ mutedUntil: Date.now() + 8 * hour })()}>
            {words.muteHours}
          </MenuItem>
          <MenuItem icon={<MutedIcon />} onSelect={set({ mutedUntil: always })}>
            {words.mute}
          </MenuItem>
        </>
      )}
      <MenuItem icon={<ArchiveIcon />} onSelect={set({ archived: !settings.archived })}>
        {settings.archived ? words.unarchive : words.archive}
      </MenuItem>
      {unread > 0 && (
        <MenuItem icon={<CheckIcon />} onSelect={() => void calls.read(head)}>
          {words.markRead}
        </MenuItem>
      )}
    </AnchoredMenu>
  )
}
