import { useState } from 'react'
import { Button } from '../design/button.tsx'
import { Dialog } from '../design/dialog.tsx'
import { useWords } from '../words/words.ts'

/** A password that was made, shown once. */
export function NewPassword({ password, onClose }: { password: string; onClose: () => void }) {
  const words = useWords()
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    // Where the page may not write to the clipboard, it can be marked and copied by hand.
    await navigator.clipboard?.writeText(password).then(
      () => setCopied(true),
      () => {},
    )
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.admin.newPassword}
      footer={
        <>
          <Button kind="quiet" onClick={() => void copy()}>
            {copied ? words.admin.copied : words.admin.copy}
          </Button>
          <Button onClick={onClose}>{words.admin.done}</Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <code className="select-all break-all rounded-xl bg-accent-soft p-4 text-center font-mono text-lg">
          {password}
        </code>
        <p className="text-muted">{words.admin.newPasswordHint}</p>
      </div>
    </Dialog>
  )
}
