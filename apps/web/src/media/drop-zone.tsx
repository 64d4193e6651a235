import { type DragEvent, type ReactNode, useState } from 'react'
import { useWords } from '../words/words.ts'

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes('Files')

/** Files that are dropped on what is inside are sent. */
export function DropZone({ onFiles, children }: { onFiles: (files: readonly File[]) => void; children: ReactNode }) {
  const words = useWords().media
  const [over, setOver] = useState(0)
  return (
    <section
      aria-label={words.drop}
      onDragEnter={(event) => hasFiles(event) && setOver((now) => now + 1)}
      onDragLeave={(event) => hasFiles(event) && setOver((now) => Math.max(0, now - 1))}
      onDragOver={(event) => hasFiles(event) && event.preventDefault()}
      onDrop={(event) => {
        if (!hasFiles(event)) return
        event.preventDefault()
        setOver(0)
        onFiles([...event.dataTransfer.files])
      }}
      className="relative flex min-h-0 flex-1 flex-col"
    >
      {children}
      {over > 0 && (
        <div className="pointer-events-none absolute inset-2 z-20 flex items-center justify-center rounded-2xl border-2 border-accent border-dashed bg-overlay font-semibold text-[#fff] text-lg">
          {words.drop}
        </div>
      )}
    </section>
  )
}
