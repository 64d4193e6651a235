import { useState } from 'react'
import { useLocation } from 'wouter'
import { paths } from '../../app/paths.ts'
import { useCalls } from '../../client/device-context.ts'
import { Button } from '../../design/button.tsx'
import { Dialog } from '../../design/dialog.tsx'
import { useWords } from '../../words/words.ts'
import { useConversationView } from '../conversation-view.ts'

export function ClearDialog() {
  const words = useWords().conversation
  const calls = useCalls()
  const { conversation } = useConversationView()
  return (
    <Confirm
      title={words.clearTitle}
      hint={words.clearHint}
      action={words.clear}
      run={() => calls.conversation(conversation.id).clear()}
    />
  )
}

export function LeaveDialog() {
  const words = useWords().conversation
  const calls = useCalls()
  const { conversation } = useConversationView()
  const [, go] = useLocation()
  return (
    <Confirm
      title={words.leaveTitle}
      hint={words.leaveHint}
      action={words.leave}
      run={async () => {
        await calls.conversation(conversation.id).leave()
        go(paths.inbox)
      }}
    />
  )
}

function Confirm(props: { title: string; hint: string; action: string; run: () => Promise<unknown> }) {
  const { title, hint, action, run } = props
  const words = useWords()
  const { open } = useConversationView()
  const [state, setState] = useState<'asking' | 'busy' | 'failed'>('asking')
  const close = () => open(undefined)
  const confirm = () => {
    setState('busy')
    run().then(close, () => setState('failed'))
  }
  return (
    <Dialog
      open
      onClose={close}
      title={title}
      footer={
        <>
          <Button kind="quiet" onClick={close}>
            {words.app.cancel}
          </Button>
          <Button kind="danger" busy={state === 'busy'} onClick={confirm}>
            {action}
          </Button>
        </>
      }
    >
      <p>{hint}</p>
      {state === 'failed' && (
        <p role="alert" className="pt-2 text-danger">
          {words.conversation.failed}
        </p>
      )}
    </Dialog>
  )
}
