import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../lib/errors.ts'
import { unique } from '../../lib/stores.contract.ts'
import { appendUntilKnown, membersOf, message } from '../../log/appending.contract.ts'
import { ConversationStates } from '../../log/conversation-states.ts'
import { Lanes } from '../../log/lanes.ts'
import { compareSnowflakes, composeSnowflake, snowflakeTime } from '../../log/snowflake-parts.ts'
import { migrations } from './migrations/all.ts'
import { makeTestKeyspace, missing, server, type TestKeyspace } from './test-keyspace.contract.ts'
import { type TestNode, TestNodes } from './test-nodes.contract.ts'

/**
 * How fast one hot conversation is, and what it costs this process. A few seconds show that it works; for a figure:
 *   LANE_SECONDS=20 LANE_MEMBERS=2 npx vitest run lane-rate.cassandra.test.ts
 */
const seconds = Number(process.env.LANE_SECONDS ?? 2)
const sizes = (process.env.LANE_MEMBERS ?? '0,2').split(',').map(Number)
const outstanding = 256

describe.skipIf(server === '')(`one lane on Cassandra${missing}`, () => {
  let keyspace: TestKeyspace
  let nodes: TestNodes
  beforeAll(async () => {
    keyspace = await makeTestKeyspace(migrations)
    nodes = new TestNodes(keyspace.connection)
  })
  afterAll(async () => {
    await nodes.close()
    await keyspace.remove()
  })

  it.each(sizes)('appends for %i members', { timeout: seconds * 1000 + 60_000 }, async (members) => {
    const node = await nodes.node()
    const conversation = unique('c')
    const users = Array.from({ length: members }, () => unique('u'))
    const projection = membersOf(conversation, users)
    await appendUntilKnown(node, conversation, [message('starter', 'm0')], users, { projection })
    const { rate, cpu, batches, slowest, stored } = await drive(node, conversation, seconds * 1000)
    const { head } = (await node.conversations.load(conversation))!
    expect(head.seq).toBe(1 + stored)
    const text = [
      `${members} members: ${rate.toFixed(0)} appends/s in batches of ${(stored / batches).toFixed(0)}`,
      `${cpu.toFixed(4)} CPU-s of ours per 1,000, slowest batch ${slowest.toFixed(0)} ms`,
    ]
    process.stdout.write(`${text.join('; ')}\n`)
  })
})

/** Keeps so many sends waiting in one lane for `duration` ms. */
async function drive(node: TestNode, conversation: string, duration: number) {
  const body = JSON.stringify({ content: { text: 'x'.repeat(150) } })
  const fingerprint = 'ab'.repeat(32)
  let low = 0
  let batches = 0
  let slowest = 0
  let stored = 0
  let given = 0
  const append = async (batch: Parameters<typeof node.log.append>[0]) => {
    const began = performance.now()
    const outcome = await node.log.append(batch)
    slowest = Math.max(slowest, performance.now() - began)
    batches++
    return outcome
  }
  const { log } = node
  const lanes = new Lanes({
    log: { append, complete: (id) => log.complete(id), findSend: (...send) => log.findSend(...send) },
    states: new ConversationStates(node.conversations, log),
    nextId(after) {
      low = (low + 1) % 4096
      const at = Math.max(Date.now(), snowflakeTime(after))
      const id = composeSnowflake(at, low)
      return compareSnowflakes(id, after) > 0 ? { id, at } : { id: composeSnowflake(at + 1, low), at: at + 1 }
    },
    ensureIds: () => undefined,
    deliver: () => {},
  })
  const [began, cpuBefore] = [performance.now(), process.cpuUsage()]
  await new Promise<void>((resolve, reject) => {
    let waiting = 0
    const send = (): void => {
      waiting++
      given++
      const clientMessageId = `client-message-${given}`
      const sender = `sender-${given % 7}`
      const settle = (outcome: unknown): void => {
        waiting--
        if (outcome instanceof AppError) return reject(outcome)
        stored++
        if (performance.now() - began < duration) send()
        else if (waiting === 0) resolve()
      }
      const decide = () => ({ kind: 'message' as const, body })
      lanes.submit(conversation, { sender, device: 'device', clientMessageId, fingerprint, size: 200, decide, settle })
    }
    for (let n = 0; n < outstanding; n++) send()
  })
  const { user, system } = process.cpuUsage(cpuBefore)
  const elapsed = (performance.now() - began) / 1000
  return { rate: stored / elapsed, cpu: (user + system) / 1e6 / (stored / 1000), batches, slowest, stored }
}
