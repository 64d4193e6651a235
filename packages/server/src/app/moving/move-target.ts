import { SealedSecrets } from '../../cluster/sealed-secrets.ts'
import type { SecretStore } from '../../cluster/secret-store.ts'
import { AccountMove } from '../../migration/account-move.ts'
import { AuditMove } from '../../migration/audit-move.ts'
import { CursorMove } from '../../migration/cursor-move.ts'
import { LogMove } from '../../migration/log-move.ts'
import { MediaMove } from '../../migration/media-move.ts'
import type { Move } from '../../migration/move.ts'
import { readMoveState, writeMoveState } from '../../migration/move-state.ts'
import type { NewPlace } from '../../migration/moved-server.ts'
import { NotificationMove } from '../../migration/notification-move.ts'
import { OwnMove } from '../../migration/own-move.ts'
import { QueueMove } from '../../migration/queue-move.ts'
import { ReceiptMove } from '../../migration/receipt-move.ts'
import type { Engines } from '../engines.ts'
import type { World } from '../platform.ts'
import { openEngines } from '../platforms/open-engines.ts'
import { adoptSecrets, type LastingSecrets } from '../secrets.ts'
import type { MoveSource } from './move-source.ts'

/** One process made all ids with it. */
const oldWorker = 0
/** ms. The search of the nodes looks again at what is that much older than the move. */
const searchOverlap = 15_000

/** The engines that a service is moved to. @throws Error that says which engine cannot be used, and why */
export async function openMoveTarget(
  engines: Engines,
  unsafeDurability: boolean,
  world: Omit<World, 'crashAt' | 'onBroken'>,
) {
  const { clock, random } = world
  const node = `m${Buffer.from(random.bytes(8)).toString('hex')}`
  const { postgres, cassandra, presence, s3, zookeeper, close } = await openEngines(
    engines,
    { node, unsafeDurability },
    world,
  )
  const { marks } = postgres
  const { coordinator } = zookeeper
  const now = () => clock.now()
  const { imports, queue, log, conversations, receipts } = cassandra
  return {
    marks,
    close,
    to: describe(engines),
    /** What is moved, one kind of data after the other. */
    moves: (source: MoveSource): Move[] => {
      const blobs = s3?.blobs
      if (!blobs && source.count().media > 0) throw new Error('There are media here: say to which S3 they go.')
      const media = blobs && new MediaMove(source.media, { ...postgres, blobs }, now)
      return [
        ...(media ? [media] : []),
        new AccountMove(source.accounts, postgres.accountImport, { source: source.accounts, target: presence }),
        new LogMove(source.log, { import: imports.log, log, conversations, search: postgres.search }, now),
        new OwnMove(source.own, imports.own),
        new ReceiptMove(source.receipts, imports.receipts, receipts),
        new QueueMove(source.queue, imports.queue, queue, now),
        new CursorMove(source.queue, queue),
        new AuditMove(source.audit, postgres.operators),
        new NotificationMove(source.notifications, postgres.notificationImport),
      ]
    },
    /** Makes sure that nobody else uses it, and that nodes that are started on it wait. @throws Error */
    prepare: async (secrets: LastingSecrets): Promise<void> => {
      const state = await readMoveState(marks)
      if (!state && (await postgres.accounts.search('', 1)).length > 0)
        throw new Error('There are users there already.')
      await zookeeper.retireWorker(oldWorker)
      if (!state) await writeMoveState(marks, { state: 'filling', watch: '' })
      await adopt(new SealedSecrets(postgres.secrets, engines.secret, random), secrets, async () => {
        if (!state) await writeMoveState(marks, { state: 'open', watch: '' })
      })
    },
    /** Nodes that clients can be sent to. */
    places: (): NewPlace[] =>
      coordinator
        .nodes()
        .filter(({ roles }) => roles.includes('chat'))
        .map(({ url, link }) => ({ url, link })),
    /** The data is complete: nodes serve. */
    open: async (): Promise<void> => {
      const state = await readMoveState(marks)
      if (state?.state === 'filling') await writeMoveState(marks, { ...state, state: 'open' })
    },
    /** What was said until now is in the search. */
    conclude: async (): Promise<void> => {
      const lately = String(clock.now() - searchOverlap)
      await Promise.all([postgres.search.index([], lately), postgres.pushes.keepPosition(lately)])
    },
  }
}

export type MoveTarget = Awaited<ReturnType<typeof openMoveTarget>>

async function adopt(store: SecretStore, secrets: LastingSecrets, refused: () => Promise<void>): Promise<void> {
  if (await adoptSecrets(store, secrets)) return
  await refused()
  throw new Error(
    'A node was started there before, and made a service of its own. Take empty databases, and start the nodes once this runs.',
  )
}

/** In words, without passwords. */
function describe({ databases, cassandra, zookeeper }: Engines): string {
  const places = [...databases, cassandra, zookeeper].map((text) => {
    const { protocol, host, pathname } = new URL(text.replace(/,[^/]*/, ''))
    return `${protocol}//${host}${pathname}`
  })
  return places.join(' ')
}
