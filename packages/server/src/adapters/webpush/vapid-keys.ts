import { createECDH } from 'node:crypto'

/** The pair by which push services know this server (RFC 8292), base64url. */
export interface VapidKeys {
  publicKey: string
  privateKey: string
}

/** `privateKey`: 32 bytes, a scalar of P-256. */
export function vapidKeysOf(privateKey: Uint8Array): VapidKeys {
  const keys = createECDH('prime256v1')
  keys.setPrivateKey(privateKey)
  return { publicKey: keys.getPublicKey('base64url'), privateKey: Buffer.from(privateKey).toString('base64url') }
}
