import sharp, { type Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import type { ProcessedImage } from '../../media/image-processor.ts'
import { formats, limits, type WorkerAnswer, type WorkerJob } from './worker-talk.ts'

/** The process that decodes images: one at a time, and nothing it does can hurt the node. */
sharp.cache(false)
sharp.concurrency(1)

const previewSize = 1600
const thumbSize = 320
const hashSize = 100

async function run({ path, type, folder }: WorkerJob): Promise<ProcessedImage> {
  const format = formats[type]
  if (!format) throw new Error(`no image type: ${type}`)
  const input = (animated: boolean): Sharp =>
    sharp(path, { limitInputPixels: limits.pixels, failOn: 'error', sequentialRead: true, animated }).timeout({
      seconds: limits.seconds,
    })
  const { width, height, pages = 1, format: found } = await input(false).metadata()
  if (found !== format.decoder) throw new Error('the bytes are of another type')
  if (pages > limits.frames || width * height * pages > limits.pixels) throw new Error('too many pixels')
  const animated = pages > 1 && format.animates
  const original = await format.encode(input(animated).autoOrient().keepIccProfile()).toFile(`${folder}/original`)
  // The rest is made from what is clean.
  const clean = (): Sharp => sharp(`${folder}/original`, { sequentialRead: true })
  const small = async (name: string, size: number, quality: number) => {
    const shape = { width: size, height: size, fit: 'inside', withoutEnlargement: true } as const
    const made = await clean().resize(shape).webp({ quality, effort: 3 }).toFile(`${folder}/${name}`)
    return { path: `${folder}/${name}`, size: made.size, type: 'image/webp' }
  }
  const preview = await small('preview', previewSize, 80)
  const thumb = await small('thumb', thumbSize, 75)
  const { data, info } = await sharp(thumb.path)
    .resize({ width: hashSize, height: hashSize, fit: 'inside' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return {
    width: original.width,
    height: original.pageHeight ?? original.height,
    thumbhash: Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64'),
    original: { path: `${folder}/original`, size: original.size, type },
    preview,
    thumb,
  }
}

const answer = (message: WorkerAnswer): void => {
  process.send?.(message)
}

process.on('message', (job: WorkerJob) => {
  run(job).then(
    (image) => answer({ id: job.id, image }),
    (error: Error) => answer({ id: job.id, error: error.message }),
  )
})
// Without the node there is nothing to do.
process.on('disconnect', () => process.exit())
answer({ id: 0, error: 'ready' })
