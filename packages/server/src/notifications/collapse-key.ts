import { hash } from 'node:crypto'
import type { ConversationId, DeviceId } from '@parley/protocol'

/**
 * One for each device and conversation: 16 characters of base64url, which APNs (64 bytes), FCM and the `Topic` of Web
 * Push (32 characters, RFC 8030 section 5.4) all take. It says nothing of either.
 */
export function collapseKeyOf(device: DeviceId, conversation: ConversationId): string {
  return hash('sha256', `${device} ${conversation}`, 'base64url').slice(0, 16)
}
