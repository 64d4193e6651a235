import { Popover } from '@base-ui/react/popover'
import { EmojiPicker } from '../../design/emoji-picker.tsx'
import { useWords } from '../../words/words.ts'

export function EmojiPopover(props: { anchor: Element | null; onClose: () => void; onPick: (emoji: string) => void }) {
  const { anchor, onClose, onPick } = props
  const words = useWords().conversation
  return (
    <Popover.Root open onOpenChange={(open) => open || onClose()}>
      <Popover.Portal>
        <Popover.Positioner anchor={anchor} side="top" align="start" sideOffset={8} className="z-50 outline-none">
          <Popover.Popup
            aria-label={words.emoji}
            className="rounded-2xl border border-line bg-raised shadow-popup outline-none"
          >
            <EmojiPicker
              onPick={(emoji) => {
                onClose()
                onPick(emoji)
              }}
            />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
