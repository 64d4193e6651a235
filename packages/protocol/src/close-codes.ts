/** Why a socket was closed (rule K2). 4000–4099: reconnect. 4100–4199: do not. */
export const closeCode = {
  normal: 1000,
  goingAway: 1001,
  messageTooBig: 1009,
  restart: 4000,
  slow: 4001,
  heartbeat: 4002,
  overloaded: 4003,
  moved: 4004,
  unauthenticated: 4100,
  loggedOut: 4101,
  protocol: 4102,
  accountDeleted: 4103,
  takenOver: 4104,
} as const

export type CloseCode = (typeof closeCode)[keyof typeof closeCode]

/** True when a client that was closed with `code` should connect again (rule K2). */
export function shouldReconnect(code: number): boolean {
  return code < 4100 || code > 4199
}
