import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { GroupLoad } from './group.ts'
import { keepAlive, LoadSession } from './load-session.ts'
import { PairsLoad } from './pairs.ts'
import { runSlot, type SlotDriver, type SlotResult } from './slot.ts'
import type { Endpoint } from './wire-socket.ts'

type Handle = (frame: Record<string, unknown>, socket: WebSocket, user: string) => void

let http: Server | undefined
let sockets: WebSocketServer | undefined

afterEach(async () => {
  for (const client of sockets?.clients ?? []) client.terminate()
  http?.close()
  http = undefined
})

/** A server whose behaviour behind `welcome` is the test's. */
async function serve(handle: Handle): Promise<Endpoint> {
  http = createServer()
  sockets = new WebSocketServer({ server: http })
  sockets.on('connection', (socket) => {
    let user = ''
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString())
      if (frame.t !== 'hello') return handle(frame, socket, user)
      user = frame.token
      socket.send(JSON.stringify({ t: 'welcome', user, cursor: '0', resume: 'ok', heartbeat: 30_000 }))
      socket.send('{"t":"live","pos":"0"}')
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return { host: '127.0.0.1', port: (http.address() as AddressInfo).port }
}

/** Everybody gets everybody's messages; `lose` says which seqs are not delivered, `repeat` which are twice. */
function messenger(acks: string[], lose: (seq: number) => boolean, repeat: (seq: number) => boolean): Handle {
  let seq = 0
  return (frame, sender, user) => {
    if (frame.t === 'ack') acks.push(`${user} ${frame.pos}`)
    if (frame.t !== 'send') return
    seq += 1
    sender.send(JSON.stringify({ t: 'ok', ref: frame.ref, conversation: 'c', seq }))
    if (lose(seq)) return
    const update = { kind: 'message', conversation: 'c', seq, sender: user, content: frame.content }
    const event = JSON.stringify({ t: 'event', pos: String(seq), update })
    for (const socket of sockets?.clients ?? []) {
      if (socket === sender) continue
      socket.send(event)
      if (repeat(seq)) socket.send(event)
    }
  }
}

async function slotOf(driver: SlotDriver & { close(): void }): Promise<SlotResult> {
  const spec = { offer: { outstanding: 2 }, warmUpMs: 20, windowMs: 100, drainMs: 300 }
  const result = await runSlot(driver, spec, { server: [process.pid], engines: {} })
  driver.close()
  return result
}

const never = () => false
const pairPlan = { tokens: ['a', 'b'], conversations: ['c'] }
const groupPlan = { tokens: Array.from({ length: 20 }, (_, index) => `u${index}`), conversation: 'c' }

describe('the load of W1', () => {
  it('delivers and acknowledges each event once', async () => {
    const acks: string[] = []
    const result = await slotOf(await PairsLoad.open(await serve(messenger(acks, never, never)), pairPlan))
    expect(result.failures).toEqual([])
    expect(result.messages).toBeGreaterThan(0)
    expect(result.delivered).toBe(result.sent)
    expect(acks).toHaveLength(result.sent)
    expect(new Set(acks).size).toBe(result.sent)
  })

  it('reports a slot with delivered ≠ sent as a failure', async () => {
    const endpoint = await serve(messenger([], (seq) => seq === 7, never))
    const result = await slotOf(await PairsLoad.open(endpoint, pairPlan))
    expect(result.failures).toEqual([`${result.sent} expected, ${result.sent - 1} delivered`])
  })

  it('does not count a repeat as a delivery (Y2)', async () => {
    const endpoint = await serve(messenger([], never, (seq) => seq % 3 === 0))
    const result = await slotOf(await PairsLoad.open(endpoint, pairPlan))
    expect(result.failures).toEqual([])
    expect(result.repeats).toBe(Math.floor(result.sent / 3))
  })

  it('reports refusals', async () => {
    const refuse: Handle = (frame, socket) => {
      if (frame.t === 'send')
        socket.send(JSON.stringify({ t: 'error', ref: frame.ref, code: 'unavailable', message: 'no' }))
    }
    const result = await slotOf(await PairsLoad.open(await serve(refuse), pairPlan))
    expect(result.failures).toContain('error unavailable: no')
    expect(result.failures).toContain('4 sent, 0 answered')
  })
})

describe('the load of W2', () => {
  it('counts what every receiver got, and acknowledges at most every 50 ms', async () => {
    const acks: string[] = []
    const result = await slotOf(await GroupLoad.open(await serve(messenger(acks, never, never)), groupPlan))
    expect(result.failures).toEqual([])
    expect(result.delivered).toBe(result.sent * 19)
    const slotMs = 20 + 100 + 300 + 1200
    expect(acks.length).toBeGreaterThanOrEqual(19)
    expect(acks.length).toBeLessThanOrEqual(19 * (slotMs / 50 + 1))
  })

  it('sees one lost message and is not misled by repeats', async () => {
    const endpoint = await serve(
      messenger(
        [],
        (seq) => seq === 5,
        (seq) => seq % 4 === 0,
      ),
    )
    const result = await slotOf(await GroupLoad.open(endpoint, groupPlan))
    expect(result.failures).toEqual([`${result.sent * 19} expected, ${result.sent * 19 - 19} delivered`])
  })
})

describe('a load session', () => {
  it('rejects when hello is refused', async () => {
    const http = createServer()
    const refusing = new WebSocketServer({ server: http })
    refusing.on('connection', (socket) => {
      socket.on('message', () => {
        socket.send(JSON.stringify({ t: 'error', code: 'unauthenticated', message: 'who?' }))
        socket.close(4100)
      })
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const endpoint = { host: '127.0.0.1', port: (http.address() as AddressInfo).port }
    await expect(LoadSession.open(endpoint, { token: 'x' })).rejects.toThrow('unauthenticated: who?')
    http.close()
  })

  it('sends something at least every heartbeat, and no ping when it sent anything else (Y5)', async () => {
    const times: number[] = [performance.now()]
    const beats: string[] = []
    const enough = Promise.withResolvers<void>()
    const endpoint = await serve((frame, _, user) => {
      if (user === 'busy') {
        beats.push(String(frame.t))
        return
      }
      if (times.push(performance.now()) === 5) enough.resolve()
    })
    const idle = await LoadSession.open(endpoint, { token: 'idle' })
    const busy = await LoadSession.open(endpoint, { token: 'busy' })
    const period = 400
    const stop = keepAlive([idle, busy], period)
    const typing = setInterval(() => {
      busy.send('{"t":"typing"}')
      busy.flush()
    }, 50)
    await enough.promise
    stop()
    clearInterval(typing)
    idle.close()
    busy.close()
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(period * 1.25)
    expect(Math.min(...gaps.slice(1))).toBeGreaterThanOrEqual(period * 0.75)
    expect(beats).not.toContain('ping')
  })

  it('takes frames of every length, arrays of frames, and frames cut anywhere by TCP', async () => {
    const texts = [1, 125, 126, 127, 3000, 65_535, 70_000, 300_000].map((length) => 'é'.repeat(length))
    const endpoint = await serve((frame, socket) => {
      if (frame.t !== 'ping') return
      const events = texts.map((text, index) => {
        const update = { kind: 'message', conversation: 'c', seq: index + 1, content: { text } }
        return { t: 'event', pos: String(index + 1), update }
      })
      for (const event of events) socket.send(JSON.stringify(event))
      socket.send(JSON.stringify(events))
      socket.send('{"t":"pong"}')
    })
    const received: (string | undefined)[] = []
    const done = Promise.withResolvers<void>()
    const session = await LoadSession.open(
      endpoint,
      { token: 'x' },
      {
        event: (_, update) => {
          if (update.kind === 'message' && 'text' in update.content) received.push(update.content.text)
        },
        pong: () => done.resolve(),
      },
    )
    session.send('{"t":"ping"}')
    session.flush()
    await done.promise
    session.close()
    expect(received).toEqual([...texts, ...texts])
  })

  it('masks frames so that the server reads what was sent, whatever their length', async () => {
    const lengths = 400
    const read: string[] = []
    const done = Promise.withResolvers<void>()
    const endpoint = await serve((frame) => {
      read.push(String(frame.text))
      // Of two sockets either may be the last.
      if (read.length === lengths + 1) done.resolve()
    })
    const sessions = [
      await LoadSession.open(endpoint, { token: 'x' }),
      await LoadSession.open(endpoint, { token: 'y' }),
    ]
    const sent: string[] = []
    for (let length = 0; length < lengths; length++) {
      const text = 'abcdefghij'.repeat(40).slice(0, length)
      sent.push(text)
      // Interleaved without a flush: each socket's bytes must still leave in order.
      sessions[length % 2]?.send(JSON.stringify({ t: 'x', text }))
    }
    sessions[0]?.flush()
    sessions[1]?.send(JSON.stringify({ t: 'x', text: 'z'.repeat(60_000) }))
    sessions[1]?.flush()
    await done.promise
    for (const session of sessions) session.close()
    expect(read.toSorted()).toEqual([...sent, 'z'.repeat(60_000)].toSorted())
  })
})
