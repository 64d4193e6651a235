import type { ConversationId } from '@parley/protocol'

/** Every address of the app. The server answers each of them with the app. */
export const paths = {
  inbox: '/',
  logIn: '/login',
  register: '/register',
  conversation: (id: ConversationId) => `/c/${encodeURIComponent(id)}`,
  /** A message of it, to be shown in its place. */
  message: (id: ConversationId, seq: number) => `/c/${encodeURIComponent(id)}?at=${seq}`,
  info: (id: ConversationId) => `/c/${encodeURIComponent(id)}/info`,
  settings: '/settings',
  admin: '/admin',
} as const
