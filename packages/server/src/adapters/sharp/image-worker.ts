import { statSync } from 'node:fs'
import sharp, { type Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import { systemClock } from '../../lib/clock.ts'
import type { ProcessedImage } from '../../media/image-processor.ts'
import { formats, limits, type WorkerAnswer, type WorkerJob } from './worker-talk.ts'

/** The process that decodes images: one at a time, and nothing it does can hurt the node. */
sharp.cache(false)
sharp.concurrency(1)

const previewSize = 1600
const thumbSize = 320
const hashSize = 100
/** Milliseconds between two looks at what an image costs. */
const watchPeriod = 10

async function run({ path, type, folder }: WorkerJob): Promise<ProcessedImage> {
  const format = formats[type]
  if (!format) throw new Error(`no image type: ${type}`)
  const input = (animated: boolean): Sharp =>
    sharp(path, { limitInputPixels: format.pixels, failOn: 'error', sequentialRead: true, animated })
  const { width, height, pages = 1, orientation = 1, format: found } = await input(false).metadata()
  if (found !== format.decoder) throw new Error('the bytes are of another type')
  if (pages > limits.frames || width * height * pages > format.pixels) throw new Error('too many pixels')
  const animated = pages > 1 && format.animates
  const turned = orientation === 1 || width * height <= limits.turned
  const whole = input(animated).keepIccProfile()
  if (turned) whole.autoOrient()
  else whole.withExif({ IFD0: { Orientation: String(orientation) } })
  const side = Math.floor(Math.sqrt((format.kept * Math.max(width, height)) / Math.min(width, height)))
  if (width * height > format.kept) whole.resize({ width: side, height: side, fit: 'inside' })
  const original = await format.encode(whole).toFile(`${folder}/original`)
  // The rest is made from what is clean.
  const clean = (): Sharp => sharp(`${folder}/original`, { sequentialRead: true }).autoOrient()
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
  const [across, down] = [original.width, original.pageHeight ?? original.height]
  const asIs = turned || orientation < 5
  return {
    width: asIs ? across : down,
    height: asIs ? down : across,
    thumbhash: Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64'),
    original: { path: `${folder}/original`, size: original.size, type },
    preview,
    thumb,
  }
}

/** Ends this process when an image takes more than it may: decoding cannot be stopped in any other way. */
function watchOver({ path }: WorkerJob) {
  const megabytes = statSync(path).size / 1024 ** 2
  const seconds = Math.min(limits.mostSeconds, limits.seconds + megabytes * limits.secondsPerMegabyte)
  const before = process.cpuUsage()
  return systemClock.every(watchPeriod, () => {
    const { user, system } = process.cpuUsage(before)
    if (user + system > seconds * 1e6 || process.memoryUsage.rss() > limits.memory) process.kill(process.pid, 'SIGKILL')
  })
}

const answer = (message: WorkerAnswer): void => {
  process.send?.(message)
}

process.on('message', (job: WorkerJob) => {
  const watch = watchOver(job)
  run(job)
    .finally(() => watch.cancel())
    .then(
      (image) => answer({ id: job.id, image }),
      (error: Error) => answer({ id: job.id, error: error.message }),
    )
})
// Without the node there is nothing to do.
process.on('disconnect', () => process.exit())
answer({ id: 0, error: 'ready' })
