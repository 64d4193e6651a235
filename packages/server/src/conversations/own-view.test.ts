import { expect, it } from 'vitest'
import { MemoryConversationLog } from '../adapters/memory/conversation-log.ts'
import { MemoryConversationStore } from '../adapters/memory/conversation-store.ts'
import { MemoryStores } from '../adapters/memory/stores.ts'
import { MemorySyncQueue } from '../adapters/memory/sync-queue.ts'
import { Hub } from '../delivery/hub.ts'
import { LocalRouter } from '../delivery/router.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import type { ConversationService } from './conversations.ts'
import { OwnView } from './own-view.ts'

it('I13: settings come after those they were made of, also where the clock of another node is ahead', async () => {
  const clock = new ManualClock()
  const stores = new MemoryStores()
  const store = new MemoryConversationStore(stores, clock)
  const ahead = { ...clock, now: () => clock.now() + 2000, monotonic: () => clock.monotonic() }
  const viewOf = (own: Pick<ManualClock, 'now'>): OwnView =>
    new OwnView({
      conversations: { stateFor: async () => ({}) } as unknown as ConversationService,
      store,
      log: new MemoryConversationLog(stores, clock),
      queue: new MemorySyncQueue(stores, clock),
      router: new LocalRouter(new Hub()),
      clock: own as ManualClock,
    })
  const ann = { user: 'ann', device: 'd' }
  await viewOf(ahead as unknown as ManualClock).patchSettings(ann, 'c', { pinned: true, mutedUntil: 5 })
  await viewOf(clock).patchSettings(ann, 'c', { pinned: null, archived: true })
  expect((await store.settings('ann', 'c')).settings).toEqual({ mutedUntil: 5, archived: true })
  const told = stores.queue('ann').rows.map(({ pointer }) => JSON.parse((pointer as { update: string }).update))
  expect(told.map(({ at }) => at)).toEqual([clock.now() + 2000, clock.now() + 2001])
})
