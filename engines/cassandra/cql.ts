import { exchange } from '../lib/exchange.ts'

/** The few frames of Cassandra's protocol (version 4) that tell whether a node serves. */
const opcodes = { error: 0x00, startup: 0x01, ready: 0x02, query: 0x07, result: 0x08 } as const
const consistencies = { one: 0x0001, all: 0x0005 } as const
const headerBytes = 9

function frame(opcode: number, body: Buffer): Buffer {
  const header = Buffer.from([4, 0, 0, 0, opcode, 0, 0, 0, 0])
  header.writeUInt32BE(body.length, 5)
  return Buffer.concat([header, body])
}

function shortText(text: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(text.length)
  return Buffer.concat([length, Buffer.from(text)])
}

function query(cql: string, consistency: number): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(cql.length)
  return frame(opcodes.query, Buffer.concat([length, Buffer.from(cql), Buffer.from([0, consistency, 0])]))
}

function readFrames(received: Buffer): { opcode: number; body: Buffer }[] {
  const frames: { opcode: number; body: Buffer }[] = []
  let rest = received
  while (rest.length >= headerBytes) {
    const end = headerBytes + rest.readUInt32BE(5)
    if (rest.length < end) break
    frames.push({ opcode: rest[4]!, body: rest.subarray(headerBytes, end) })
    rest = rest.subarray(end)
  }
  return frames
}

/** Runs one statement on a node. True when it succeeded. @throws when the node refuses or does not answer. */
export function runCql(
  address: string,
  port: number,
  cql: string,
  consistency: keyof typeof consistencies = 'one',
): Promise<boolean> {
  const version = [Buffer.from([0, 1]), shortText('CQL_VERSION'), shortText('3.0.0')]
  let asked = false
  return exchange(address, port, frame(opcodes.startup, Buffer.concat(version)), (received, send) => {
    const [greeting, answer] = readFrames(received)
    if (greeting?.opcode === opcodes.ready && !asked) {
      asked = true
      send(query(cql, consistencies[consistency]))
    }
    const last = answer ?? greeting
    // The text of an error follows its code and its length.
    if (last?.opcode === opcodes.error) throw new Error(last.body.toString('utf8', 6))
    return answer?.opcode === opcodes.result ? true : undefined
  })
}
