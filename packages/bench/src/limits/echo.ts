import { frameKind, serveLimit, TurnCork, welcome } from './limit-server.ts'

/** L1: gives every frame back as it came, corked per turn. */
const turn = new TurnCork()

serveLimit((socket, raw) => {
  socket.on('message', (data: Buffer) => {
    turn.cork(raw)
    if (data[6] === frameKind.hello) {
      socket.send(welcome('0'))
      socket.send('{"t":"live","pos":"0"}')
    } else socket.send(data, { binary: false })
  })
})
