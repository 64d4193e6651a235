import { useCalls } from '../client/device-context.ts'
import { useConversationView } from '../conversation/conversation-view.ts'
import { AnchoredMenu } from '../design/anchored-menu.tsx'
import { FileIcon, ImageIcon, PersonIcon, PlaceIcon } from '../design/icons.tsx'
import { MenuItem } from '../design/menu.tsx'
import { useWords } from '../words/words.ts'

export function AttachMenu(props: {
  anchor: HTMLElement
  onClose: () => void
  onPictures: () => void
  onFile: () => void
}) {
  const { anchor, onClose, onPictures, onFile } = props
  const words = useWords().media
  const calls = useCalls()
  const { conversation, open } = useConversationView()
  const shareLocation = () =>
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude: lat, longitude: lon } }) =>
        void calls
          .conversation(conversation.id)
          .send({ location: { lat, lon } })
          .catch(() => {}),
      () => alert(words.noLocation),
      { enableHighAccuracy: true, timeout: 15_000 },
    )
  return (
    <AnchoredMenu anchor={anchor} label={words.attach} onClose={onClose}>
      <MenuItem icon={<ImageIcon />} onSelect={onPictures}>
        {words.photo}
      </MenuItem>
      <MenuItem icon={<FileIcon />} onSelect={onFile}>
        {words.file}
      </MenuItem>
      {'geolocation' in navigator && (
        <MenuItem icon={<PlaceIcon />} onSelect={shareLocation}>
          {words.location}
        </MenuItem>
      )}
      <MenuItem icon={<PersonIcon />} onSelect={() => open({ what: 'contact' })}>
        {words.contact}
      </MenuItem>
    </AnchoredMenu>
  )
}
