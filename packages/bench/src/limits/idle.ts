import { frameKind, serveLimit, welcome } from './limit-server.ts'

/** The limit of W3: a bare `ws` server that answers hello and pings and knows nothing of whom it holds. */
serveLimit((socket) => {
  socket.on('message', (data: Buffer) => {
    const kind = data[6]
    if (kind === frameKind.ping) socket.send('{"t":"pong"}')
    else if (kind === frameKind.hello) {
      socket.send(welcome('0'))
      socket.send('{"t":"live","pos":"0"}')
    }
  })
})
