import { ContactDialog } from '../media/contact-dialog.tsx'
import { DeleteDialog } from './actions/delete-dialog.tsx'
import { ForwardDialog } from './actions/forward-dialog.tsx'
import { ReactDialog } from './actions/react-dialog.tsx'
import { ReceiptsDialog } from './actions/receipts-dialog.tsx'
import type { Opened } from './conversation-view.ts'
import { ClearDialog, LeaveDialog } from './info/end-dialogs.tsx'
import { InfoDialog } from './info/info-dialog.tsx'
import { SearchDialog } from './info/search-dialog.tsx'

/** What is open over the conversation; loaded when the first thing is opened. */
export function Overlay({ opened }: { opened: NonNullable<Opened> }) {
  switch (opened.what) {
    case 'forward':
      return <ForwardDialog message={opened.message} />
    case 'delete':
      return <DeleteDialog message={opened.message} />
    case 'receipts':
      return <ReceiptsDialog message={opened.message} />
    case 'react':
      return <ReactDialog message={opened.message} />
    case 'details':
      return <InfoDialog />
    case 'search':
      return <SearchDialog />
    case 'contact':
      return <ContactDialog />
    case 'clear':
      return <ClearDialog />
    case 'leave':
      return <LeaveDialog />
  }
  return opened satisfies never
}
