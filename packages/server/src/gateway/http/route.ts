import type { z } from 'zod'
import type { Identity } from '../../accounts/identity.ts'
import type { RateRule } from '../rate-limiter.ts'

/** What a rate limit counts by. `address` is the client's, behind trusted proxies (`PARLEY_TRUSTED_PROXIES`). */
export type LimitBy = 'address' | 'user' | 'device' | 'conversation'

/** A rate limit, declared beside the handler it guards and told at `GET /v1/server`. */
export interface RouteLimit extends RateRule {
  name: string
  by: LimitBy
}

export interface RouteRequest<Params, Query, Body> {
  params: Params
  query: Query
  body: Body
  /** Who asks. For `auth: 'none'` it is not there. */
  identity: Identity
  /** The client's address. */
  address: string
  /** What the client reached this server by, such as `https://chat.example.org`. */
  base: string
  /** Aborted when the client goes away. */
  signal: AbortSignal
}

/** What a route answers: 204 has no body. `headers` beside the usual ones. */
export interface Reply<Answer> {
  status: 200 | 201 | 202 | 204 | 307
  body?: Answer
  headers?: Record<string, string>
}

export const ok = <Answer>(body: Answer): Reply<Answer> => ({ status: 200, body })
export const created = <Answer>(body: Answer): Reply<Answer> => ({ status: 201, body })
export const noContent = (): Reply<never> => ({ status: 204 })

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

/**
 * One operation over HTTP, as data: the server mounts it, OpenAPI and the list of rate limits are made from it,
 * the authorization matrix of the tests is made from it, and the simulation calls it without a socket.
 */
export interface Route<
  Params extends z.ZodType | undefined = z.ZodType | undefined,
  Query extends z.ZodType | undefined = z.ZodType | undefined,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
  Answer extends z.ZodType | undefined = z.ZodType | undefined,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `:name` parameters, e.g. `/v1/users/:id`. */
  path: string
  summary: string
  auth: 'none' | 'device'
  limits: readonly RouteLimit[]
  params?: Params
  query?: Query
  body?: Body
  answer?: Answer
  handle(
    request: RouteRequest<Parsed<Params>, Parsed<Query>, Parsed<Body>>,
  ): Promise<Reply<Answer extends z.ZodType ? z.input<Answer> : never>>
}

/** A route of any schemas, as the server keeps them. */
// biome-ignore lint/suspicious/noExplicitAny: parameters of `handle` are checked where the route is defined
export type AnyRoute = Route<any, any, any, any>

/** Defines a route with its schemas' types inferred. */
export function defineRoute<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Answer extends z.ZodType | undefined = undefined,
>(route: Route<Params, Query, Body, Answer>): AnyRoute {
  return route as AnyRoute
}
