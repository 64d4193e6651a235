import type { Codec, UserId } from '@parley/protocol'
import type { Event } from '../delivery/event.ts'
import type { Connection } from './connection.ts'

/** Bytes from which on an event is encoded once for all who are sent it, and copied for nobody. */
const largeEvent = 2048

/** Sends the `event` frame as `reader` sees it. */
export function sendEvent(connection: Connection, codec: Codec, cursor: string, event: Event, reader: UserId): void {
  if (codec.subprotocol !== 'parley.1.json') {
    return connection.send(codec.encode({ t: 'event', pos: cursor, update: event.update(reader) }))
  }
  const start = `{"t":"event","pos":"${cursor}","update":`
  if (event.size < largeEvent) connection.send(`${start}${event.json(reader)}}`)
  else connection.sendInParts(start, event.frameEnd(reader))
}
