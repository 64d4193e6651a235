import { z } from 'zod'
import type { NodeInfo } from '../../cluster/coordinator.ts'

/** What a newer release adds to it is left alone. */
const statusSchema = z.object({
  url: z.string(),
  link: z.string(),
  roles: z.array(z.string()),
  sessions: z.number(),
  draining: z.boolean(),
})

export const nameOf = (id: string): string => encodeURIComponent(id)

export function formatStatus({ url, link, roles, sessions, draining }: NodeInfo): string {
  return JSON.stringify({ url, link, roles, sessions, draining })
}

/** Undefined when it is not a status. */
export function parseStatus(name: string, text: string): NodeInfo | undefined {
  try {
    return { id: decodeURIComponent(name), ...statusSchema.parse(JSON.parse(text)) }
  } catch {
    return undefined
  }
}
