import { importPKCS8, SignJWT } from 'jose'
import { z } from 'zod'

/** The JSON file that Google gives for a service account; what Parley needs of it. */
export const serviceAccountSchema = z.object({
  project_id: z.string().min(1),
  private_key_id: z.string().min(1),
  private_key: z.string().min(1),
  client_email: z.string().min(1),
  token_uri: z.url().default('https://oauth2.googleapis.com/token'),
})
export type ServiceAccount = z.infer<typeof serviceAccountSchema>

const scope = 'https://www.googleapis.com/auth/firebase.messaging'
const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
/** Renewed so long (ms) before it ends. */
const margin = 5 * 60_000
const answerTime = 10_000
const answerSchema = z.object({ access_token: z.string(), expires_in: z.number() })

/** @throws Error when the key of the account is none */
export async function checkKey({ private_key: key }: ServiceAccount): Promise<void> {
  await importPKCS8(key, 'RS256')
}

/** Access tokens of a service account (RFC 7523: a signed assertion against a bearer token). */
export class AccessToken {
  readonly #account
  readonly #now
  #made: { token: Promise<string>; until: number } | undefined

  constructor(account: ServiceAccount, now: () => number) {
    this.#account = account
    this.#now = now
  }

  /** @throws Error when Google does not give one */
  get(): Promise<string> {
    if (this.#made && this.#now() < this.#made.until) return this.#made.token
    // Until it is known how long it lives, everybody waits for this one.
    const made = { token: this.#exchange(), until: Number.POSITIVE_INFINITY }
    const promise = made.token
    this.#made = made
    promise.catch(() => this.#drop(made))
    return promise
  }

  /** It was refused: the next one who asks gets another. */
  renew(): void {
    this.#made = undefined
  }

  #drop(made: object): void {
    if (this.#made === made) this.#made = undefined
  }

  async #exchange(): Promise<string> {
    const { private_key: key, private_key_id: kid, client_email: email, token_uri: url } = this.#account
    const now = this.#now()
    const assertion = await new SignJWT({ scope })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuer(email)
      .setAudience(url)
      .setIssuedAt(Math.floor(now / 1000))
      .setExpirationTime(Math.floor(now / 1000) + 3600)
      .sign(await importPKCS8(key, 'RS256'))
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: grantType, assertion }),
      redirect: 'error',
      signal: AbortSignal.timeout(answerTime),
    })
    if (!response.ok) throw new Error(`no access token: ${response.status}`)
    const { access_token: token, expires_in: seconds } = answerSchema.parse(await response.json())
    if (this.#made) this.#made.until = now + seconds * 1000 - margin
    return token
  }
}
