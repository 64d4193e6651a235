import { readFileSync } from 'node:fs'
import type { EventFrame, MessageUpdate } from '@parley/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { World } from '../conformance/world.ts'
import { type Account, RawApi } from '../raw-api.ts'
import { RawClient } from '../raw-client.ts'

/** The first scene of Hamlet, a speech a line: who says what. */
const script = readFileSync(new URL('./hamlet-1-1.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => ({ speaker: line.slice(0, line.indexOf(':')), words: line.slice(line.indexOf(':') + 2) }))
const rounds = 4

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.stop())

const isSpeech = (frame: { t: string }): frame is EventFrame & { update: MessageUpdate } =>
  frame.t === 'event' && (frame as EventFrame).update.kind === 'message'

it('a play, spoken into a group of 150 and into direct chats: every device holds the same order', {
  timeout: 120_000,
}, async () => {
  const rows = await world.node.accounts.importUsers(150)
  const accounts: Account[] = rows.map((row) => ({ ...row, password: '' }))
  const cast = [...new Set(script.map((speech) => speech.speaker))]
  expect(cast.length).toBeGreaterThan(3)
  const stage = await new RawApi(world.url, rows[0]!.token).group(
    'Elsinore',
    rows.slice(1).map((row) => row.user),
  )
  const whispers = await Promise.all(
    cast.map((_, index) => new RawApi(world.url, rows[index]!.token).direct(rows[index + 50]!.user)),
  )
  const clients = await Promise.all(
    accounts.map(async (account) => (await RawClient.connect({ url: world.url, account, window: 1024 })).client),
  )
  // Every device acknowledges as it goes.
  for (const client of clients) client.listen((frame) => frame.t === 'event' && client.ack(frame.pos))

  let spoken = 0
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      cast.map(async (speaker, index) => {
        const own = script.filter((speech) => speech.speaker === speaker)
        const refs = own.flatMap((speech, line) => [
          clients[index]!.startSend(stage.id, `${round}-${index}-${line}`, { text: speech.words }),
          clients[index]!.startSend(whispers[index]!.id, `w${round}-${index}-${line}`, { text: speech.words }),
        ])
        for (const ref of refs) expect(await clients[index]!.answerTo(ref)).toMatchObject({ t: 'ok' })
        spoken += own.length
      }),
    )
  }
  expect(spoken).toBe(script.length * rounds)

  const head = 1 + spoken
  const order = new Map<number, string>()
  for (const entry of await new RawApi(world.url, rows[149]!.token).entries(stage.id, 1))
    order.set(entry.seq, (entry as MessageUpdate).id)
  expect(order.size).toBe(spoken)
  for (const [index, client] of clients.entries()) {
    const own = index < cast.length ? script.filter((speech) => speech.speaker === cast[index]).length * rounds : 0
    const heard = () => client.frames.filter(isSpeech).filter((frame) => frame.update.conversation === stage.id)
    await expect.poll(() => heard().length, { timeout: 30_000 }).toBe(spoken - own)
    const seqs = heard().map((frame) => frame.update.seq)
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
    expect(new Set(seqs).size).toBe(seqs.length)
    for (const frame of heard()) expect(order.get(frame.update.seq)).toBe(frame.update.id)
    expect(Math.max(...seqs)).toBeLessThanOrEqual(head)
  }
  // The words are the author's, in each speaker's own order.
  const page = await new RawApi(world.url, rows[100]!.token).entries(stage.id, 1)
  for (const [index, speaker] of cast.entries()) {
    const said = page.filter(
      (entry): entry is MessageUpdate => entry.kind === 'message' && entry.sender === rows[index]!.user,
    )
    const words = script.filter((speech) => speech.speaker === speaker).map((speech) => speech.words)
    expect(said.map((entry) => (entry.content as { text: string }).text)).toEqual(
      Array.from({ length: rounds }, () => words).flat(),
    )
  }
  await Promise.all(clients.map((client) => client.close()))
})
