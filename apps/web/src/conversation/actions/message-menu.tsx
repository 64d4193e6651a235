import { Menu as Base } from '@base-ui/react/menu'
import type { Message } from '@parley/protocol'
import { useCalls } from '../../client/device-context.ts'
import { AnchoredMenu } from '../../design/anchored-menu.tsx'
import {
  CopyIcon,
  EditIcon,
  EmojiIcon,
  ForwardIcon,
  InfoIcon,
  PinIcon,
  ReplyIcon,
  StarIcon,
  TrashIcon,
} from '../../design/icons.tsx'
import { MenuItem } from '../../design/menu.tsx'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'
import { mayEdit } from './rights.ts'

const quick = ['👍', '❤️', '😂', '😮', '😢', '🙏']

/** Everything that can be done with one message. It opens as it appears. */
export function MessageMenu(props: {
  message: Message
  own: boolean
  pinned: boolean
  anchor: HTMLElement
  onClose: () => void
}) {
  const { message, own, pinned, anchor, onClose } = props
  const words = useWords().conversation
  const calls = useCalls().conversation(message.conversation)
  const { conversation, open, write, reply } = useConversationView()
  const { seq, deletedAt, starredAt } = message
  const text = 'text' in message.content ? message.content.text : undefined
  const quiet = (done: Promise<unknown>) => void done.catch(() => {})
  const here = conversation.role !== null
  const alive = deletedAt === undefined
  return (
    <AnchoredMenu anchor={anchor} label={words.actions} onClose={onClose}>
      {alive && here && (
        <>
          <div className="flex justify-between border-line border-b pb-1">
            {quick.map((emoji) => (
              <Base.Item
                key={emoji}
                aria-label={words.reactWith(emoji)}
                onClick={() => quiet(calls.react(seq, emoji))}
                className="flex size-11 cursor-pointer items-center justify-center rounded-lg text-xl outline-none data-highlighted:bg-hover"
              >
                {emoji}
              </Base.Item>
            ))}
          </div>
          <MenuItem icon={<EmojiIcon />} onSelect={() => open({ what: 'react', message })}>
            {words.moreEmoji}
          </MenuItem>
          <MenuItem icon={<ReplyIcon />} onSelect={() => reply(seq)}>
            {words.reply}
          </MenuItem>
        </>
      )}
      {alive && text !== undefined && (
        <MenuItem icon={<CopyIcon />} onSelect={() => quiet(navigator.clipboard.writeText(text))}>
          {words.copy}
        </MenuItem>
      )}
      {alive && (
        <MenuItem icon={<ForwardIcon />} onSelect={() => open({ what: 'forward', message })}>
          {words.forward}
        </MenuItem>
      )}
      {alive && here && mayEdit(message, own) && (
        <MenuItem icon={<EditIcon />} onSelect={() => write({ kind: 'edit', message })}>
          {words.edit}
        </MenuItem>
      )}
      {alive && (
        <MenuItem
          icon={<StarIcon />}
          onSelect={() => quiet(starredAt === undefined ? calls.star(seq) : calls.unstar(seq))}
        >
          {starredAt === undefined ? words.star : words.unstar}
        </MenuItem>
      )}
      {alive && here && (
        <MenuItem icon={<PinIcon />} onSelect={() => quiet(pinned ? calls.unpin(seq) : calls.pin(seq))}>
          {pinned ? words.unpin : words.pin}
        </MenuItem>
      )}
      {alive && own && (
        <MenuItem icon={<InfoIcon />} onSelect={() => open({ what: 'receipts', message })}>
          {words.info}
        </MenuItem>
      )}
      <MenuItem danger icon={<TrashIcon />} onSelect={() => open({ what: 'delete', message })}>
        {words.remove}
      </MenuItem>
    </AnchoredMenu>
  )
}
