import {
  ackSchema,
  deleteSchema,
  editSchema,
  helloSchema,
  pingSchema,
  presenceSchema,
  reactSchema,
  readSchema,
  sendSchema,
  typingSchema,
  type UpFrame,
} from '@parley/protocol'
import type { z } from 'zod'

const schemas: { [T in UpFrame['t']]: z.ZodType<Extract<UpFrame, { t: T }>> } = {
  hello: helloSchema,
  send: sendSchema,
  edit: editSchema,
  delete: deleteSchema,
  react: reactSchema,
  ack: ackSchema,
  read: readSchema,
  typing: typingSchema,
  presence: presenceSchema,
  ping: pingSchema,
}

export type ParsedFrame =
  | { ok: true; frame: UpFrame }
  /** `ref` is there when the frame can be answered by it (rule S4). */
  | { ok: false; message: string; field: string | undefined; ref: number | undefined }

export function parseFrame(input: unknown): ParsedFrame {
  if (typeof input !== 'object' || input === null) return broken('A frame is an object.', undefined)
  const { t, ref } = input as { t?: unknown; ref?: unknown }
  if (typeof t !== 'string' || !Object.hasOwn(schemas, t)) return broken('This frame has no known `t`.', 't', ref)
  const result = schemas[t as UpFrame['t']].safeParse(input)
  if (result.success) return { ok: true, frame: result.data }
  const [issue] = result.error.issues
  return broken(issue?.message ?? 'The frame is not valid.', issue?.path.join('.'), ref)
}

function broken(message: string, field: string | undefined, ref?: unknown): ParsedFrame {
  return { ok: false, message, field, ref: typeof ref === 'number' && Number.isFinite(ref) ? ref : undefined }
}
