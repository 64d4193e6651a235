import { ParleyError } from '@parley/client'
import { type FormEvent, useId, useState } from 'react'
import { Button } from '../design/button.tsx'
import { Dialog } from '../design/dialog.tsx'
import { TextField } from '../design/text-field.tsx'
import { useWords } from '../words/words.ts'

/** Asks before something is done; with a field, once that is filled in. Stays open while it fails, and says why. */
export function Confirm({
  open,
  onClose,
  done,
  title,
  hint,
  action,
  danger = false,
  field,
  run,
}: {
  open: boolean
  onClose: () => void
  done: () => void
  title: string
  hint: string
  action: string
  danger?: boolean
  field?: { label: string; hint?: string; valid: (value: string) => boolean }
  run: (value: string) => Promise<unknown>
}) {
  const words = useWords()
  const form = useId()
  const [value, setValue] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await run(value)
      done()
    } catch (failure) {
      const conflict = failure instanceof ParleyError && failure.code === 'conflict'
      setError(conflict ? words.admin.conflict : failure instanceof Error ? failure.message : words.admin.failed)
      setBusy(false)
    }
  }
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button kind="quiet" onClick={onClose}>
            {words.app.cancel}
          </Button>
          <Button
            type="submit"
            form={form}
            kind={danger ? 'danger' : 'primary'}
            busy={busy}
            disabled={field && !field.valid(value)}
          >
            {action}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="flex flex-col gap-4">
        <p>{hint}</p>
        {field && (
          <TextField
            label={field.label}
            hint={field.hint}
            value={value}
            maxLength={500}
            autoComplete="off"
            autoCapitalize="none"
            onChange={({ target }) => setValue(target.value)}
          />
        )}
        {error && (
          <p role="alert" className="text-sm text-danger">
            {error}
          </p>
        )}
      </form>
    </Dialog>
  )
}
