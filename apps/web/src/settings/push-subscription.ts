import type { PushRegistration } from '@parley/client'
import type { Calls } from '../client/calls.ts'

export type PushState = 'on' | 'off' | 'denied' | 'missing'

const isThere = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

export async function pushState(): Promise<PushState> {
  if (!isThere()) return 'missing'
  if (Notification.permission === 'denied') return 'denied'
  const worker = await navigator.serviceWorker.getRegistration()
  return (await worker?.pushManager.getSubscription()) ? 'on' : 'off'
}

/** Asks the user, subscribes, and tells the server. Called by a press: browsers allow no other asking. */
export async function subscribe(calls: Calls): Promise<PushState> {
  if (!isThere()) return 'missing'
  if ((await Notification.requestPermission()) !== 'granted') return 'denied'
  const { vapidPublicKey } = await calls.api.server()
  const worker = await navigator.serviceWorker.ready
  const key = { applicationServerKey: vapidPublicKey ?? null }
  const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, ...key })
  await calls.account.setPush({ provider: 'webpush', subscription: subscription.toJSON() } as PushRegistration)
  return 'on'
}

export async function unsubscribe(calls: Calls): Promise<PushState> {
  await calls.account.removePush()
  const worker = await navigator.serviceWorker.getRegistration()
  await (await worker?.pushManager.getSubscription())?.unsubscribe()
  return 'off'
}
