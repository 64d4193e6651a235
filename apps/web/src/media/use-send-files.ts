import type { ConversationId } from '@parley/protocol'
import { useCallback } from 'react'
import { attachmentOf } from './prepare.ts'
import type { Recorded } from './recording.ts'
import { useAttachmentQueue } from './use-attachments.ts'

/** Sends files and voice messages to a conversation; they are kept until they are there. */
export function useSendFiles(conversation: ConversationId) {
  const queue = useAttachmentQueue()
  const files = useCallback(
    async (given: readonly File[], replyTo?: number) => {
      for (const file of given) if (file.size > 0) await queue.add(await attachmentOf(file, conversation, replyTo))
    },
    [queue, conversation],
  )
  const voice = useCallback(
    async ({ blob, duration, waveform }: Recorded, replyTo?: number) => {
      const extension = blob.type.split('/')[1] ?? 'webm'
      await queue.add({
        id: crypto.randomUUID().replaceAll('-', ''),
        conversation,
        createdAt: Date.now(),
        blob,
        name: `voice.${extension}`,
        type: blob.type,
        details: { duration, waveform },
        ...(replyTo !== undefined && { replyTo }),
      })
    },
    [queue, conversation],
  )
  return { files, voice }
}
