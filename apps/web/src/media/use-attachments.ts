import type { ConversationId } from '@parley/protocol'
import { useSyncExternalStore } from 'react'
import type { Device } from '../client/device.ts'
import { useDevice } from '../client/device-context.ts'
import type { Attachment, UploadState } from './attachment.ts'
import { Attachments } from './attachments.ts'

const byDevice = new WeakMap<Device, Attachments>()

/** This browser's attachments, one for each tab. */
export function useAttachmentQueue(): Attachments {
  const device = useDevice()
  let attachments = byDevice.get(device)
  if (!attachments) {
    attachments = new Attachments(device)
    byDevice.set(device, attachments)
  }
  return attachments
}

/** What waits to be sent with media to a conversation, oldest first. */
export function useAttachments(conversation: ConversationId): readonly Attachment[] {
  const attachments = useAttachmentQueue()
  return useSyncExternalStore(attachments.on, () => attachments.of(conversation))
}

export function useUploadState(id: string): UploadState {
  const attachments = useAttachmentQueue()
  return useSyncExternalStore(attachments.on, () => attachments.state(id))
}
