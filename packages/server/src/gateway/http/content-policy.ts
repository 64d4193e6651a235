/** Origins that a page of the web app may use besides the one it came from. */
export interface PolicyOrigins {
  /** Other servers of the service. */
  servers: readonly string[]
  /** Where media is read from and sent to. */
  media: readonly string[]
}

/** What the web app's page may load and talk to; nothing inline, nothing framed. */
export function contentPolicy({ servers, media }: PolicyOrigins): string {
  const places = servers.flatMap((origin) => [origin, origin.replace(/^http/, 'ws')])
  const directives: Record<string, string[]> = {
    'default-src': ["'self'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'blob:', 'data:', ...servers, ...media],
    'media-src': ["'self'", 'blob:', ...servers, ...media],
    'connect-src': ["'self'", ...places, ...media],
    'worker-src': ["'self'"],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  }
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${[...new Set(sources)].join(' ')}`)
    .join('; ')
}
