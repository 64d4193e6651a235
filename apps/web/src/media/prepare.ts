import type { MediaDetails } from '@parley/client'
import type { ConversationId } from '@parley/protocol'
import type { Attachment } from './attachment.ts'

/** ms in which a browser shows the first picture of a video, or never. */
const patience = 5000
const longestEdge = 640

/** A file as an attachment, with what only the client can tell of it. */
export async function attachmentOf(file: File, conversation: ConversationId, replyTo?: number): Promise<Attachment> {
  const { details, poster } = await detailsOf(file)
  return {
    id: crypto.randomUUID().replaceAll('-', ''),
    conversation,
    createdAt: Date.now(),
    blob: file,
    name: file.name,
    type: file.type || 'application/octet-stream',
    details,
    ...(poster && { poster }),
    ...(replyTo !== undefined && { replyTo }),
  }
}

async function detailsOf(file: File): Promise<{ details: MediaDetails; poster?: Blob }> {
  const none = { details: {} }
  try {
    if (file.type.startsWith('video/')) return await within(videoDetails(file), none)
    if (file.type.startsWith('audio/')) return await within(audioDetails(file), none)
  } catch {
    // What this browser cannot play is sent as a file.
  }
  return none
}

async function videoDetails(file: File): Promise<{ details: MediaDetails; poster?: Blob }> {
  const url = URL.createObjectURL(file)
  const video = document.createElement('video')
  video.muted = true
  video.preload = 'auto'
  video.src = url
  try {
    await event(video, 'loadeddata')
    const { videoWidth: width, videoHeight: height, duration } = video
    const scale = Math.min(1, longestEdge / Math.max(width, height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(width * scale))
    canvas.height = Math.max(1, Math.round(height * scale))
    canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height)
    const poster = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.8))
    const length = Number.isFinite(duration) ? { duration } : {}
    return { details: { width, height, ...length }, ...(poster && { poster }) }
  } finally {
    URL.revokeObjectURL(url)
  }
}

async function audioDetails(file: File): Promise<{ details: MediaDetails }> {
  const url = URL.createObjectURL(file)
  const audio = new Audio(url)
  try {
    await event(audio, 'loadedmetadata')
    return { details: Number.isFinite(audio.duration) ? { duration: audio.duration } : {} }
  } finally {
    URL.revokeObjectURL(url)
  }
}

function event(media: HTMLMediaElement, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    media.addEventListener(name, () => resolve(), { once: true })
    media.addEventListener('error', () => reject(media.error), { once: true })
  })
}

function within<T>(work: Promise<T>, otherwise: T): Promise<T> {
  return Promise.race([work, new Promise<T>((resolve) => setTimeout(() => resolve(otherwise), patience))])
}
