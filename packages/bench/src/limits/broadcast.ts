import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { frameKind, serveLimit, TurnCork, welcome } from './limit-server.ts'

/** The limit of W2: one prebuilt frame, the same bytes to everybody, corked per turn; nothing stored, acks dropped. */
const turn = new TurnCork()
const receivers = new Set<Duplex>()
let seq = 0

/** One unmasked text message, as RFC 6455 writes it, for payloads of 126 bytes to 64 KiB. */
function prebuilt(payload: string): Buffer {
  const length = Buffer.byteLength(payload)
  const frame = Buffer.allocUnsafe(4 + length)
  frame[0] = 0x81
  frame[1] = 126
  frame.writeUInt16BE(length, 2)
  frame.write(payload, 4)
  return frame
}

function broadcast(sender: WebSocket, raw: Duplex, data: Buffer): void {
  const { ref, conversation, content } = JSON.parse(data.toString())
  seq += 1
  const sentAt = Date.now()
  const update = { kind: 'message', conversation, seq, id: String(seq), sender: '0', device: '0', sentAt, content }
  const frame = prebuilt(JSON.stringify({ t: 'event', pos: String(seq), update }))
  for (const receiver of receivers) {
    if (receiver === raw) continue
    turn.cork(receiver)
    receiver.write(frame)
  }
  turn.cork(raw)
  sender.send(JSON.stringify({ t: 'ok', ref, conversation, seq, id: String(seq), sentAt }))
}

serveLimit((socket, raw) => {
  socket.on('message', (data: Buffer) => {
    const kind = data[6]
    if (kind === frameKind.send) broadcast(socket, raw, data)
    else if (kind === frameKind.hello) {
      receivers.add(raw)
      turn.cork(raw)
      socket.send(welcome('0'))
      socket.send('{"t":"live","pos":"0"}')
    }
  })
  socket.on('close', () => receivers.delete(raw))
})
