import type { ErrorCode } from '@parley/protocol'
import type { z } from 'zod'
import type { Identity } from '../../accounts/identity.ts'
import { AppError, invalid, toAppError } from '../../lib/errors.ts'
import { networkOf } from '../client-address.ts'
import type { IsMember } from '../frame-limits.ts'
import type { RateLimiter } from '../rate-limiter.ts'
import type { AnyRoute, LimitBy, Reply } from './route.ts'

/** A request as it came, whatever carried it. */
export interface RawRequest {
  params: unknown
  query: unknown
  body: unknown
  /** The `Authorization` header. */
  authorization: string | undefined
  address: string
  base?: string
  signal: AbortSignal
}

/** Runs routes: who asks, may they, is it well formed; then the handler. */
export class Dispatcher {
  readonly #authenticate
  readonly #limiter
  readonly #isMember
  readonly #refused

  constructor(
    authenticate: (token: string) => Identity | undefined | Promise<Identity | undefined>,
    limiter: RateLimiter,
    isMember: IsMember,
    refused: (code: ErrorCode) => void = () => {},
  ) {
    this.#refused = refused
    this.#authenticate = authenticate
    this.#limiter = limiter
    this.#isMember = isMember
  }

  /** @throws AppError */
  async dispatch(route: AnyRoute, raw: RawRequest): Promise<Reply<unknown>> {
    try {
      return await this.#run(route, raw)
    } catch (error) {
      this.#refused(toAppError(error).code)
      throw error
    }
  }

  async #run(route: AnyRoute, raw: RawRequest): Promise<Reply<unknown>> {
    await this.#limit(route, ['address'], { address: networkOf(raw.address) })
    const identity = route.auth === 'device' ? await this.#identify(raw.authorization) : { user: '', device: '' }
    const params = parse(route.params, raw.params)
    const { conversation } = (params ?? {}) as { conversation?: string }
    const { user, device } = identity
    const counted = conversation !== undefined && this.#isMember(conversation, user) ? conversation : undefined
    await this.#limit(route, ['user', 'device', 'conversation'], { user, device, conversation: counted })
    const query = parse(route.query, raw.query)
    const body = parse(route.body, raw.body ?? (route.body ? {} : undefined))
    const { address, base = '', signal } = raw
    return route.handle({ params, query, body, identity, address, base, signal })
  }

  async #identify(authorization: string | undefined): Promise<Identity> {
    const token = /^Bearer ([A-Za-z0-9_\-.~+/=]{1,256})$/i.exec(authorization ?? '')?.[1]
    const identity = token === undefined ? undefined : await this.#authenticate(token)
    if (!identity) throw new AppError('unauthenticated', 'A valid device token is needed.')
    return identity
  }

  async #limit(
    route: AnyRoute,
    by: readonly LimitBy[],
    keys: { [Key in LimitBy]?: string | undefined },
  ): Promise<void> {
    for (const rule of route.limits) {
      const key = by.includes(rule.by) ? keys[rule.by] : undefined
      if (key === undefined) continue
      const wait = await this.#limiter.take(rule, rule.name, key)
      if (wait > 0)
        throw new AppError('rate_limited', 'Too many requests in a short time.', { retryAfter: Math.ceil(wait) })
    }
  }
}

function parse(schema: z.ZodType | undefined, input: unknown): unknown {
  if (!schema) return undefined
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw invalid(issue?.path.join('.') || 'body', issue?.message ?? 'The request is not valid.')
}
