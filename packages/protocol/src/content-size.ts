import type { Content } from './content.ts'
import { limits } from './limits.ts'

const encoder = new TextEncoder()

/** Bytes of `text` in UTF-8; `text` without an encode when it cannot be near `limit`. */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length > limit) return true
  if (text.length * 3 <= limit) return false
  return encoder.encode(text).length > limit
}

/** The part of a content that is over its limit (rule C5), or undefined. */
export function oversizedPart(content: Content): string | undefined {
  if (content.text !== undefined && exceedsBytes(content.text, limits.text)) return 'content.text'
  if (exceedsBytes(JSON.stringify(content), limits.content)) return 'content'
  return undefined
}
