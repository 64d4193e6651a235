/** The service addresses a client was given; the next one is used when one fails. */
export class Addresses {
  readonly #urls: readonly string[]
  #at = 0

  constructor(server: string | readonly string[]) {
    const urls = typeof server === 'string' ? [server] : server
    if (urls.length === 0) throw new TypeError('A client needs the address of a server.')
    this.#urls = urls.map((url) => new URL(url).href.replace(/\/+$/, ''))
  }

  get current(): string {
    return this.#urls[this.#at]!
  }

  get count(): number {
    return this.#urls.length
  }

  /** All of them, from the current one on. */
  inTurn(): string[] {
    return [...this.#urls.slice(this.#at), ...this.#urls.slice(0, this.#at)]
  }

  /** Moves on to the next address, unless somebody moved on from `failed` already. */
  failed(failed: string): void {
    if (failed === this.current) this.#at = (this.#at + 1) % this.#urls.length
  }
}

/** Where the socket of a server is. `url` may be its base address or the socket's own. */
export function socketUrl(url: string): string {
  const parsed = new URL(url)
  if (parsed.protocol === 'http:') parsed.protocol = 'ws:'
  if (parsed.protocol === 'https:') parsed.protocol = 'wss:'
  if (!parsed.pathname.endsWith('/v1/socket')) parsed.pathname = `${parsed.pathname.replace(/\/+$/, '')}/v1/socket`
  return parsed.href
}
