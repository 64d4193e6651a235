import { importPKCS8, SignJWT } from 'jose'

/** Apple takes a token for an hour, and refuses who makes new ones more often than every twenty minutes. */
const life = 50 * 60_000

/** The JWT by which a team proves itself to APNs. */
export class ProviderToken {
  readonly #options
  #made: { token: Promise<string>; at: number } | undefined

  constructor(options: { key: string; keyId: string; teamId: string; now: () => number }) {
    this.#options = options
  }

  get(): Promise<string> {
    const now = this.#options.now()
    if (!this.#made || now - this.#made.at > life || now < this.#made.at) {
      const token = this.#sign(now)
      this.#made = { token, at: now }
      token.catch(() => {
        this.#made = undefined
      })
    }
    return this.#made.token
  }

  /** Apple holds `refused` for too old: clocks differ. */
  renew(refused: string): void {
    const made = this.#made
    void made?.token.then((token) => {
      if (token === refused && this.#made === made) this.#made = undefined
    })
  }

  async #sign(now: number): Promise<string> {
    const { key, keyId, teamId } = this.#options
    return new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: keyId })
      .setIssuer(teamId)
      .setIssuedAt(Math.floor(now / 1000))
      .sign(await importPKCS8(key, 'ES256'))
  }
}
