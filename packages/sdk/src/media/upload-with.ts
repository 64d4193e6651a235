import type { MediaCalls } from '../http/media-api.ts'
import { defaultEnvironment } from '../lib/defaults.ts'
import { sourceOf, type UploadSource } from './upload-source.ts'
import { type UploadOptions, UploadTask } from './upload-task.ts'

/** As `MediaApi.startUpload`, where the calls go another way than through a client of one's own: another tab's, say. */
export function uploadWith(
  calls: MediaCalls,
  bytes: Blob | Uint8Array | UploadSource,
  options: UploadOptions = {},
): UploadTask {
  return new UploadTask({ calls, ...defaultEnvironment() }, sourceOf(bytes), options)
}
