import { Agent, request } from 'node:http'
import type { Endpoint } from './wire-socket.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 32 })

/** One call of Parley's HTTP API; rejects unless the answer is 2xx. */
export function callApi<T>(endpoint: Endpoint, token: string, method: string, path: string, body?: object): Promise<T> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    authorization: `Bearer ${token}`,
    ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  }
  return new Promise((resolve, reject) => {
    const sent = request({ ...endpoint, method, path, headers, agent }, (answer) => {
      let received = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        received += part
      })
      answer.on('error', reject)
      answer.on('end', () => {
        const status = answer.statusCode ?? 0
        if (status >= 200 && status < 300) resolve(JSON.parse(received === '' ? 'null' : received))
        else reject(new Error(`${method} ${path}: ${status} ${received}`))
      })
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

/** Runs `count` tasks, `lanes` at a time; rejects with the first failure. */
export async function inLanes<T>(count: number, lanes: number, task: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = new Array(count)
  let next = 0
  const lane = async () => {
    while (next < count) {
      const index = next++
      results[index] = await task(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane))
  return results
}
