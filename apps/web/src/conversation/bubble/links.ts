export interface TextLink {
  start: number
  end: number
  href: string
}

const address = /\bhttps?:\/\/[^\s<>"'`{}|\\^]{1,2000}/giu
/** Belongs to the sentence, not to the address. */
const behind = /[.,;:!?…»”’\])]+$/u
/** Signs that turn the direction of letters or show nothing: an address with them is not what it seems. */
const deceptive = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u

/** Addresses in a text, of the web alone. What deceives about where it leads is left as text. */
export function linksIn(text: string): TextLink[] {
  if (!text.includes('://')) return []
  const links: TextLink[] = []
  for (const match of text.matchAll(address)) {
    const found = match[0].replace(behind, (end) => keepBrackets(match[0], end))
    const href = safeAddress(found)
    if (href !== undefined) links.push({ start: match.index, end: match.index + found.length, href })
  }
  return links
}

/** A closing bracket that was opened inside belongs to the address. */
function keepBrackets(whole: string, end: string): string {
  const body = whole.slice(0, whole.length - end.length)
  return end.startsWith(')') && body.split('(').length > body.split(')').length ? ')' : ''
}

function safeAddress(found: string): string | undefined {
  if (deceptive.test(found)) return undefined
  try {
    const url = new URL(found)
    // A name in front of @ is there to be taken for the host.
    if (url.username !== '' || url.password !== '') return undefined
    // Letters of other scripts in the host may look like those of a known one.
    if (url.hostname.split('.').some((label) => label.startsWith('xn--'))) return undefined
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined
  } catch {
    return undefined
  }
}
