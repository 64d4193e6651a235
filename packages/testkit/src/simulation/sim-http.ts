import { problemOf } from '../../../server/src/gateway/http/problem.ts'
import type { AnyRoute, Reply } from '../../../server/src/gateway/http/route.ts'
import type { AppError } from '../../../server/src/lib/errors.ts'

export interface HttpCall {
  method: string
  path: string
  query: Record<string, string>
  body: unknown
  authorization: string | undefined
  signal: AbortSignal
}

export interface HttpAnswer {
  status: number
  headers: Record<string, string>
  text: string
}

export function answerOf({ status, body, headers = {} }: Reply<unknown>): HttpAnswer {
  return { status, headers, text: status === 204 ? '' : JSON.stringify(body ?? {}) }
}

/** The route of a call; a name goes before a parameter, as in any router. */
export function matchRoute(routes: readonly AnyRoute[], { method, path }: HttpCall) {
  const parts = path.split('/').map(decodeURIComponent)
  let best: { route: AnyRoute; params: Record<string, string> } | undefined
  for (const route of routes) {
    const pattern = route.path.split('/')
    if (route.method !== method || pattern.length !== parts.length) continue
    const params: Record<string, string> = {}
    const fits = pattern.every((part, index) => {
      if (!part.startsWith(':')) return part === parts[index]
      params[part.slice(1)] = parts[index]!
      return true
    })
    if (fits && (!best || Object.keys(params).length < Object.keys(best.params).length)) best = { route, params }
  }
  return best
}

export function refusalOf(error: AppError): HttpAnswer {
  const problem = problemOf(error)
  return { status: problem.status, headers: {}, text: JSON.stringify(problem) }
}
