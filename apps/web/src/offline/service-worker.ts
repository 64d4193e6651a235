import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  type PrecacheEntry,
  precacheAndRoute,
} from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { takeUpdate } from './messages.ts'
import { clicked, type PushScope, pushed } from './push.ts'

/** The part of a service worker's global scope that is used here. */
interface Scope extends Omit<PushScope, 'clients'> {
  /** Every file of the build, put in when it is made. */
  readonly __WB_MANIFEST: PrecacheEntry[]
  readonly clients: PushScope['clients'] & { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'push', listener: (event: Parameters<typeof pushed>[1]) => void): void
  addEventListener(type: 'notificationclick', listener: (event: Parameters<typeof clicked>[1]) => void): void
  addEventListener(type: 'activate', listener: (event: { waitUntil(work: Promise<unknown>): void }) => void): void
}

declare const self: Scope

/** All of one build is kept, and opens without a network; the next one takes over when somebody says so. */
precacheAndRoute(self.__WB_MANIFEST)
cleanupOutdatedCaches()
registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/index.html'), {
    denylist: [/^\/(v1|healthz|readyz|metrics|docs|openapi\.json)(\/|$)/],
  }),
)

self.addEventListener('message', ({ data }) => {
  if (data === takeUpdate) void self.skipWaiting()
})
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
self.addEventListener('push', (event) => pushed(self, event))
self.addEventListener('notificationclick', (event) => clicked(self, event))
