import type { DownFrame, UpFrame } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { AppError } from '../lib/errors.ts'
import type { Cursor } from '../sync/cursor.ts'
import type { QueueReader, ReaderSink } from '../sync/queue-reader.ts'
import type { Session } from './session.ts'

/** What an accepted hello gives a session. */
export interface Opening {
  identity: Identity
  window: number
  cursor: Cursor
  welcome: DownFrame
  /** Makes the reader of the user's queue; events go to `sink`. */
  reader(sink: ReaderSink): QueueReader
}

/** What a session asks of the gateway that made it. */
export interface SessionOwner {
  /** Checks a hello. @throws AppError */
  open(session: Session, frame: Extract<UpFrame, { t: 'hello' }>): Promise<Opening>
  /** Told once when the session may be delivered to, and once when it is over. */
  opened(session: Session): void
  closed(session: Session): void
  /** Executes a frame. A promise holds back the frames behind it (rule S3). @throws AppError */
  handle(session: Session, frame: Exclude<UpFrame, { t: 'hello' }>): Promise<void> | undefined
  /** Told of every error that the client is answered with; internal ones are logged, not told. */
  refused(session: Session, error: AppError): void
  /** A number that grows as time passes, for `heardAt`. */
  readonly tick: number
}
