import type { Sharp } from 'sharp'
import type { ProcessedImage } from '../../media/image-processor.ts'

export interface WorkerJob {
  id: number
  path: string
  type: string
  folder: string
}

/** `id` 0: it is ready for work. */
export type WorkerAnswer = { id: number; image: ProcessedImage } | { id: number; error: string }

export const limits = {
  /** Of all frames together. */
  pixels: 64_000_000,
  frames: 500,
  /** Of one step of the work. */
  seconds: 4,
}

interface Format {
  /** As the decoder calls it. */
  decoder: string
  animates: boolean
  encode(image: Sharp): Sharp
}

/** What is decoded, and how it is written again. */
export const formats: Readonly<Record<string, Format>> = {
  'image/jpeg': { decoder: 'jpeg', animates: false, encode: (image) => image.jpeg({ quality: 92 }) },
  'image/png': { decoder: 'png', animates: false, encode: (image) => image.png({ compressionLevel: 6 }) },
  'image/gif': { decoder: 'gif', animates: true, encode: (image) => image.gif({ effort: 1 }) },
  'image/webp': { decoder: 'webp', animates: true, encode: (image) => image.webp({ quality: 90, effort: 2 }) },
  'image/avif': { decoder: 'heif', animates: false, encode: (image) => image.avif({ quality: 70, effort: 1 }) },
}
