/** 48 bits of a text as eight characters of base64url (cyrb53, cut). To tell things apart, never against an attacker. */
export function hash48(text: string): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    a = Math.imul(a ^ code, 0x9e3779b1)
    b = Math.imul(b ^ code, 0x5f356495)
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
  return digits(a >>> 8) + digits(b >>> 8)
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** 24 bits. */
function digits(bits: number): string {
  const at = (shift: number): string => alphabet.charAt((bits >>> shift) & 63)
  return at(18) + at(12) + at(6) + at(0)
}
