import { lazy, Suspense, useRef, useState } from 'react'
import { IconButton } from '../design/button.tsx'
import { AttachIcon } from '../design/icons.tsx'
import { useWords } from '../words/words.ts'

const AttachMenu = lazy(async () => ({ default: (await import('./attach-menu.tsx')).AttachMenu }))

/** Chooses what is sent besides text. */
export function AttachButton({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const words = useWords().media
  const [anchor, setAnchor] = useState<HTMLElement>()
  const [pictures, files] = [useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null)]
  const take = ({ currentTarget }: React.ChangeEvent<HTMLInputElement>) => {
    onFiles([...(currentTarget.files ?? [])])
    currentTarget.value = ''
  }
  return (
    <>
      <IconButton
        label={words.attach}
        aria-haspopup="menu"
        aria-expanded={anchor !== undefined}
        onClick={({ currentTarget }) => setAnchor(currentTarget)}
      >
        <AttachIcon />
      </IconButton>
      <input
        ref={pictures}
        type="file"
        accept="image/*,video/*"
        multiple
        hidden
        aria-label={words.photo}
        onChange={take}
      />
      <input ref={files} type="file" multiple hidden aria-label={words.file} onChange={take} />
      {anchor && (
        <Suspense>
          <AttachMenu
            anchor={anchor}
            onClose={() => setAnchor(undefined)}
            onPictures={() => pictures.current?.click()}
            onFile={() => files.current?.click()}
          />
        </Suspense>
      )}
    </>
  )
}
