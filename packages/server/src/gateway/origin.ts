/**
 * A page may connect from this server's own host and from the origins listed; what is not a page sends no Origin
 * (rule K5). Names are compared as browsers do: without case, without a default port.
 */
export function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined) return true
  const page = parse(origin)
  if (!page || (page.protocol !== 'http:' && page.protocol !== 'https:')) return allowed.includes(origin)
  if (host !== undefined && parse(`${page.protocol}//${host}`)?.host === page.host) return true
  return allowed.some((entry) => parse(entry)?.origin === page.origin)
}

const parse = (text: string): URL | undefined => URL.parse(text) ?? undefined
