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
  /** An image with more pixels is not turned, which would take all of it in memory: it keeps the note that it is to be. */
  turned: 24_000_000,
  frames: 500,
  /** Bytes of memory that the process may have: 90 MB that it has at rest, and 150 MB for an image. */
  memory: 240 * 1024 * 1024,
  /** Seconds of processor time for one image, and so many more for each megabyte of its file: bombs are small. */
  seconds: 2,
  secondsPerMegabyte: 1,
  mostSeconds: 15,
}

interface Format {
  /** As the decoder calls it. */
  decoder: string
  animates: boolean
  /** Pixels that are decoded, of all frames together. */
  pixels: number
  /** Pixels of a frame that are kept: larger ones get smaller, where coders hold a frame in memory whole. */
  kept: number
  encode(image: Sharp): Sharp
}

/** What is decoded, and how it is written again. */
export const formats: Readonly<Record<string, Format>> = {
  'image/jpeg': {
    decoder: 'jpeg',
    animates: false,
    pixels: 64_000_000,
    kept: 64_000_000,
    // Optimised codes are found in two passes, with all of the image in memory between them.
    encode: (image) => image.jpeg({ quality: 92, optimiseCoding: false }),
  },
  'image/png': {
    decoder: 'png',
    animates: false,
    pixels: 48_000_000,
    kept: 48_000_000,
    encode: (image) => image.png({ compressionLevel: 6 }),
  },
  'image/gif': {
    decoder: 'gif',
    animates: true,
    pixels: 32_000_000,
    kept: 4_000_000,
    encode: (image) => image.gif({ effort: 1 }),
  },
  'image/webp': {
    decoder: 'webp',
    animates: true,
    pixels: 32_000_000,
    kept: 4_000_000,
    encode: (image) => image.webp({ quality: 90, effort: 1 }),
  },
  'image/avif': {
    decoder: 'heif',
    animates: false,
    pixels: 6_000_000,
    kept: 2_500_000,
    encode: (image) => image.avif({ quality: 70, effort: 0 }),
  },
}
