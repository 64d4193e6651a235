import { connect } from 'node:net'

/**
 * Opens a TCP connection, sends the first request and gives everything received so far to `answer` until that returns
 * something. @throws when refused, closed early, or nothing came in time.
 */
export function exchange<Answer>(
  address: string,
  port: number,
  request: string | Uint8Array,
  answer: (received: Buffer, send: (more: Uint8Array) => void) => Answer | undefined,
  ms = 1_000,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, address)
    let received = Buffer.alloc(0)
    const fail = (reason: string) => {
      socket.destroy()
      reject(new Error(`${address}:${port}: ${reason}`))
    }
    socket.setTimeout(ms, () => fail('no answer'))
    socket.on('connect', () => socket.write(request))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, Buffer.from(chunk)])
      try {
        const result = answer(received, (more) => socket.write(more))
        if (result === undefined) return
        socket.destroy()
        resolve(result)
      } catch (error) {
        fail(String(error))
      }
    })
    socket.on('error', (error) => fail(error.message))
    socket.on('close', () => fail('closed'))
  })
}
