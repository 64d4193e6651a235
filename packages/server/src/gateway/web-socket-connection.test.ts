import type { IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import type { Connection } from './connection.ts'
import { TurnWriter } from './turn-writer.ts'
import { WebSocketDoor } from './web-socket.ts'

/** The system's end of a socket: takes bytes as far as it has room, at once or when room is made. */
class SystemSocket extends Duplex {
  readonly taken: Buffer[] = []
  #room = 0
  #waiting: { bytes: number; done: () => void } | undefined

  override _read(): void {}

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.#write([chunk], done)
  }

  override _writev(chunks: { chunk: Buffer | string }[], done: () => void): void {
    this.#write(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  makeRoom(bytes: number): void {
    this.#room += bytes
    const { bytes: wanted, done } = this.#waiting ?? {}
    if (!done || wanted === undefined || wanted > this.#room) return
    this.#room -= wanted
    this.#waiting = undefined
    done()
  }

  #write(chunks: readonly (Buffer | string)[], done: () => void): void {
    const data = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)))
    this.taken.push(data)
    this.#waiting = { bytes: data.length, done }
    this.makeRoom(0)
  }
}

/** Lengths of the messages in what a server wrote; its answer to the upgrade comes first. */
function messageLengths(bytes: Buffer): number[] {
  const lengths: number[] = []
  for (let at = bytes.indexOf('\r\n\r\n') + 4; at < bytes.length; ) {
    const short = bytes[at + 1] as number
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6)
    lengths.push(length)
    at += length + (short < 126 ? 2 : short === 126 ? 4 : 10)
  }
  return lengths
}

function connected(listener: { drained(): void }): { connection: Connection; socket: SystemSocket } {
  const socket = new SystemSocket({ decodeStrings: false })
  const made: Connection[] = []
  const door = new WebSocketDoor(
    {
      refuse: () => undefined,
      address: () => '127.0.0.1',
      accept: (connection) => {
        made.push(connection)
        return { message: () => {}, closed: () => {}, ...listener }
      },
    },
    new TurnWriter(systemClock),
  )
  const headers = {
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
  }
  const request = { method: 'GET', url: '/v1/socket', headers, socket } as unknown as IncomingMessage
  door.upgrade(request, socket, Buffer.alloc(0))
  return { connection: made[0] as Connection, socket }
}

const waitingLimit = 16 * 1024
const largest = 40_000

const step = fc.oneof(
  fc.record({ send: fc.array(fc.nat(largest), { maxLength: 20 }) }),
  fc.record({ room: fc.nat(100_000) }),
  fc.constant('turn' as const),
)

describe('a connection whose peer takes its time', () => {
  it('I11: holds little, and whoever waits because it is full is told of room', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const offered: number[] = []
        let sent = 0
        const pump = (): void => {
          while (sent < offered.length && !connection.full) {
            const message = 'x'.repeat(offered[sent++] as number)
            if (sent % 2 === 0) connection.send(message)
            else connection.sendInParts(message.slice(0, sent), Buffer.from(message.slice(sent)))
          }
        }
        const { connection, socket } = connected({ drained: pump })
        for (const one of steps) {
          if (one === 'turn') await turn()
          else if ('room' in one) socket.makeRoom(one.room)
          else {
            offered.push(...one.send)
            // Who waits for room is told of it, and tries by itself at no other time.
            if (!connection.full) pump()
          }
          expect(socket.writableLength).toBeLessThan(waitingLimit + largest + 16)
        }
        socket.makeRoom(Number.POSITIVE_INFINITY)
        for (let turns = 0; turns < 2 * offered.length + 2; turns++) await turn()
        expect(messageLengths(Buffer.concat(socket.taken))).toEqual(offered)
      }),
      { numRuns: 500 },
    )
  })
})
