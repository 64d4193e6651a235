import { Agent, request } from 'node:http'

export interface ByteRequest {
  port: number
  method: string
  path: string
  headers?: Record<string, string>
  body?: Uint8Array
}

/** Requests over connections that stay open. */
export class HttpBytes {
  readonly #agent

  constructor(connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  /** @returns the bytes of the body */
  send({ port, method, path, headers, body }: ByteRequest): Promise<number> {
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, host: '127.0.0.1', port, method, path, headers: { ...headers } }
      if (body) Object.assign(options.headers, { 'content-length': String(body.length) })
      const asked = request(options, (answer) => {
        let bytes = 0
        const { statusCode = 0 } = answer
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
        })
        answer.on('end', () => {
          if (statusCode >= 200 && statusCode < 300) resolve(bytes)
          else reject(new Error(`${method} ${path} was answered ${statusCode}`))
        })
      })
      asked.on('error', reject)
      asked.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
