import { unique } from '../lib/stores.contract.ts'
import type { ClaimedJob, PushJob, PushQueue, Settlement } from './push-queue.ts'
import type { RegistrationStore } from './registration-store.ts'

export interface PushNode {
  registrations: RegistrationStore
  pushes: PushQueue
}

export const job = (over: Partial<PushJob> = {}): PushJob => ({
  user: unique('u'),
  device: unique('d'),
  conversation: unique('c'),
  seq: 1,
  position: '1',
  mentioned: false,
  dueAt: 1000,
  ...over,
})

type Result<S> = S extends unknown ? Omit<S, 'user' | 'device' | 'conversation' | 'seq' | 'claim'> : never

export const settled = (claimed: ClaimedJob, result: Result<Settlement>): Settlement =>
  ({ ...pick(claimed), ...result }) as Settlement

const pick = ({ user, device, conversation, seq, claim }: ClaimedJob) => ({ user, device, conversation, seq, claim })
