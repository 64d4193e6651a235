import type { Clock, Environment, OpenSocket, Random } from './environment.ts'

/** The only file that touches the clock, random numbers, sockets and the network of the platform. */

const systemClock: Clock = {
  now: () => Date.now(),
  after(delay, run) {
    const timer = setTimeout(run, delay)
    return { cancel: () => clearTimeout(timer) }
  },
}

const systemRandom: Random = {
  float: () => Math.random(),
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
}

const openWebSocket: OpenSocket = (url, protocols, events) => {
  const socket = new WebSocket(url, [...protocols])
  let closed = false
  const close = (code: number, reason: string): void => {
    if (closed) return
    closed = true
    events.close(code, reason)
  }
  socket.onopen = () => {
    if (!closed) events.open()
  }
  socket.onmessage = ({ data }) => {
    if (!closed && typeof data === 'string') events.message(data)
  }
  socket.onclose = ({ code, reason }) => close(code, reason)
  // A close event follows every error event.
  socket.onerror = () => {}
  return {
    send: (data) => socket.send(data),
    close(code = 1000, reason = '') {
      socket.close(code, reason)
      // The closing handshake of a dead peer takes minutes: nobody waits for it.
      close(code, reason)
    },
  }
}

/** The platform's own clock, random numbers, WebSocket and fetch: browsers, Node ≥ 22. */
export function defaultEnvironment(): Environment {
  return {
    clock: systemClock,
    random: systemRandom,
    openSocket: openWebSocket,
    fetch: (url, init) => globalThis.fetch(url, init),
  }
}
