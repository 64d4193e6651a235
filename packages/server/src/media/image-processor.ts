/** Something made from an image: a file that the caller takes, and its type. */
export interface ImageFile {
  path: string
  size: number
  type: string
}

export interface ProcessedImage {
  /** As it is shown, orientation applied. */
  width: number
  height: number
  /** Base64, about 25 bytes. */
  thumbhash: string
  /** The image itself without what its camera noted: place, time, device. */
  original: ImageFile
  /** Smaller ones. */
  preview: ImageFile
  thumb: ImageFile
}

/**
 * Port: what is made from images. Outside this process, with limits of pixels, frames, memory and time: an image that
 * is a bomb costs its own worker only.
 */
export interface ImageProcessor {
  /** Types that can be processed. */
  readonly types: ReadonlySet<string>
  /** Files are made in `folder`. @throws AppError `unsupported_media` for what is broken, or over a limit */
  process(path: string, type: string, folder: string): Promise<ProcessedImage>
}
