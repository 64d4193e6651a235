/** Sizes and counts that are told in `welcome.limits` and at `GET /v1/server` (rule C5). */
export interface Limits {
  /** Bytes of UTF-8 in a text. */
  text: number
  /** Bytes of UTF-8 in a content as JSON. */
  content: number
  /** Bytes of one WebSocket message from a client. */
  socketMessage: number
  /** Members of a group, its creator included. */
  groupMembers: number
  /** Devices of a user; the next log-in removes the one unseen longest. */
  devices: number
  /** Bytes of one media object. */
  media: number
  /** Bytes of all media of a user together. */
  mediaQuota: number
  /** Frames with `ref` of one session that may wait for their answer (rule S3). */
  outstanding: number
  /** Events beyond the last `ack` (rule Y3), the largest `window` that a client may ask for. */
  window: number
}

export const limits: Limits = {
  text: 16 * 1024,
  content: 32 * 1024,
  socketMessage: 64 * 1024,
  groupMembers: 150,
  devices: 10,
  media: 100 * 1024 * 1024,
  mediaQuota: 10 * 1024 ** 3,
  outstanding: 64,
  window: 1024,
}
