import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { Worker } from 'node:worker_threads'
import type { WebSocket } from 'ws'
import { programAt } from '../program.ts'
import { frameKind, serveLimit, TurnCork, welcome } from './limit-server.ts'

/**
 * L3: the least a durable one-to-one messenger can do. Sends of one turn, and all that came while the disk was busy,
 * are one batch: one message to the store thread, one transaction, one flush. Acks are read and dropped. No
 * authentication, validation or routing: user 2i talks to user 2i+1 in conversation i.
 */
interface Peer {
  user: number
  socket: WebSocket
  raw: Duplex
  pos: number
}

interface Send {
  sender: Peer
  ref: number
  seq: number
  id: number
  sentAt: number
  content: { text: string }
}

const turn = new TurnCork()
const peers: Peer[] = []
const heads: number[] = []
const store = new Worker(programAt('./pairs-worker', import.meta.url), {
  workerData: { file: join(process.argv[2] ?? '.', 'pairs.db') },
})

let counter = 0
let waiting: Send[] = []
let flat: (number | string)[] = []
let inFlight: Send[] = []
let scheduled = false

function accept(sender: Peer, data: Buffer): void {
  const frame = JSON.parse(data.toString())
  const conversation = sender.user >> 1
  const receiver = peers[sender.user ^ 1]
  const seq = (heads[conversation] ?? 0) + 1
  heads[conversation] = seq
  const sentAt = Date.now()
  const id = sentAt * 4096 + (counter++ & 4095)
  waiting.push({ sender, ref: frame.ref, seq, id, sentAt, content: frame.content })
  const row = [conversation, seq, id, sender.user, frame.clientMessageId, sentAt, JSON.stringify(frame.content)]
  flat.push(...row, ++sender.pos, sender.user ^ 1, receiver ? ++receiver.pos : 0)
  if (!scheduled && inFlight.length === 0) {
    scheduled = true
    setImmediate(submit)
  }
}

function submit(): void {
  scheduled = false
  inFlight = waiting
  waiting = []
  store.postMessage(flat)
  flat = []
}

store.on('message', () => {
  const stored = inFlight
  inFlight = []
  if (waiting.length > 0) submit()
  for (const { sender, ref, seq, id, sentAt, content } of stored) {
    const conversation = String(sender.user >> 1)
    turn.cork(sender.raw)
    sender.socket.send(JSON.stringify({ t: 'ok', ref, conversation, seq, id: String(id), sentAt }))
    const receiver = peers[sender.user ^ 1]
    if (!receiver) continue
    turn.cork(receiver.raw)
    const user = String(sender.user)
    const update = { kind: 'message', conversation, seq, id: String(id), sender: user, device: user, sentAt, content }
    receiver.socket.send(JSON.stringify({ t: 'event', pos: String(seq), update }))
  }
})

serveLimit((socket, raw) => {
  let peer: Peer | undefined
  socket.on('message', (data: Buffer) => {
    if (peer !== undefined) {
      if (data[6] === frameKind.send) accept(peer, data)
      return
    }
    const user = Number(JSON.parse(data.toString()).token)
    peer = { user, socket, raw, pos: 0 }
    peers[user] = peer
    turn.cork(raw)
    socket.send(welcome(String(user)))
    socket.send('{"t":"live","pos":"0"}')
  })
})
