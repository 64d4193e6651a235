const key = 'parley.claim'

/**
 * The link that makes the first operator has its token in the fragment. It is taken out of the address, so that it
 * stays in no history, and kept for this tab alone until it is used: whoever opens it may have to register first.
 */
export function noteClaim(): void {
  const token = /^#claim=([\w-]{1,128})$/.exec(location.hash)?.[1]
  if (token === undefined) return
  sessionStorage.setItem(key, token)
  history.replaceState(history.state, '', location.pathname)
}

export function waitingClaim(): string | undefined {
  return sessionStorage.getItem(key) ?? undefined
}

export function forgetClaim(): void {
  sessionStorage.removeItem(key)
}
