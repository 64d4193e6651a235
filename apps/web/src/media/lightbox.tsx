import { Dialog } from '@base-ui/react/dialog'
import type { Media } from '@parley/protocol'
import { IconButton } from '../design/button.tsx'
import { CloseIcon, DownIcon } from '../design/icons.tsx'
import { useWords } from '../words/words.ts'
import { useMedia } from './use-media.ts'

/** A picture as large as the window. Escape and a press beside it close it. */
export function Lightbox(props: { media: Media; preview: string | undefined; onClose: () => void }) {
  const { media, preview, onClose } = props
  const words = useWords()
  const whole = useMedia(media.id, 'original')
  const name = media.name ?? words.inbox.photo
  const shown = whole ?? preview
  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-50 bg-[rgb(0_0_0/0.88)]" />
        <Dialog.Popup className="fixed inset-0 z-50 flex flex-col text-[#fff] outline-none">
          <div className="flex items-center gap-2 p-2">
            <Dialog.Title className="min-w-0 flex-1 truncate px-3 font-medium">
              <bdi>{name}</bdi>
            </Dialog.Title>
            {whole && (
              <a
                href={whole}
                download={name}
                aria-label={words.media.save}
                title={words.media.save}
                className="flex size-11 items-center justify-center rounded-full hover:bg-[rgb(255_255_255/0.15)]"
              >
                <DownIcon />
              </a>
            )}
            <IconButton label={words.app.close} onClick={onClose} className="text-[#fff]">
              <CloseIcon />
            </IconButton>
          </div>
          {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: Escape does the same */}
          <div
            onClick={(event) => event.target === event.currentTarget && onClose()}
            className="flex min-h-0 flex-1 items-center justify-center p-4"
          >
            {shown && <img src={shown} alt={media.caption ?? name} className="max-h-full max-w-full object-contain" />}
          </div>
          {media.caption && (
            <p dir="auto" className="p-4 text-center wrap-anywhere">
              {media.caption}
            </p>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
