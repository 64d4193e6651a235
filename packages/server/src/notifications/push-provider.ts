import type { ConversationId, PushRegistration } from '@parley/protocol'

/** One notification, or its withdrawal, for one device. */
export interface Push {
  action: 'show' | 'withdraw'
  conversation: ConversationId
  /** The same for every notification of a device about a conversation: a later one replaces the one before. 16 characters. */
  collapseKey: string
  /** Unread messages of the conversation. */
  count: number
  /** Unread messages of all conversations, for the app's icon. */
  badge: number
  /** What is shown where the app does not make its own words. Free of content unless the user wants a preview. */
  title: string
  body: string
  /** ms since the epoch: the provider keeps it no longer for a device that is away. */
  expiresAt: number
}

export type PushResult =
  /** The provider took it. `id`: what it calls it, where it says so. */
  | { outcome: 'accepted'; id?: string }
  /** The app is gone from the device, or the token is: the registration is removed. */
  | { outcome: 'gone'; reason: string }
  /** Not now; `after`: ms that the provider asks for. `slowDown`: it is too much for the provider, not for one device. */
  | { outcome: 'later'; reason: string; after?: number; slowDown: boolean }
  /** This notification will never be taken. */
  | { outcome: 'refused'; reason: string }

/**
 * Port: a push service. Sending twice is harmless: the collapse key is the same.
 * `send` never rejects: what cannot be reached is `later`.
 */
export interface PushProvider {
  /**
   * What is sent over one way shares its fate: concurrency, pace and circuit are per way, such as `apns:org.example.app`.
   * undefined: there are no credentials for this registration.
   */
  way(registration: PushRegistration): string | undefined
  send(registration: PushRegistration, push: Push): Promise<PushResult>
  close(): Promise<void>
}
