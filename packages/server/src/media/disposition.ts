/** `Content-Disposition` (RFC 6266). Names are told as ASCII, and whole in UTF-8 for those who know that. */
export function dispositionOf(shown: boolean, name: string | undefined): string {
  const kind = shown ? 'inline' : 'attachment'
  if (name === undefined) return kind
  const ascii = name.replaceAll(/[^\x20-\x7e]/g, '_').replaceAll(/["\\%]/g, '_')
  const whole = encodeURIComponent(name).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  return `${kind}; filename="${ascii}"${ascii === name ? '' : `; filename*=UTF-8''${whole}`}`
}
