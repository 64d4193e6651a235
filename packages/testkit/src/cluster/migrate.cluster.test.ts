import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig, type Settings, verifyMigration } from '@parley/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../server/src/lib/seeded-random.ts'
import { Chatter } from '../chatter.ts'
import { ProcessNode } from '../process-node.ts'
import { logIn, RawApi } from '../raw-api.ts'
import { RawClient } from '../raw-client.ts'
import { bound, count } from './bounds.ts'
import { ClusterSpace, missingEngines } from './cluster-space.ts'
import { furnish, shown, shownAtRest } from './furnished-world.ts'
import { MigrationRun } from './migration-run.ts'
import { SdkPair } from './sdk-pair.ts'
import { type Row, Tampering } from './tampering.ts'

const seed = Number(process.env.PARLEY_SEED ?? Date.now() % 1_000_000)
const kills = count('PARLEY_TEST_MIGRATION_KILLS', 2)
/** Milliseconds. */
const longestGap = bound(2_000, 4_000)

let folder: string
let space: ClusterSpace
let nodes: ProcessNode[] = []
let chatter: Chatter | undefined
let library: SdkPair | undefined
/** Where people look for the service. */
let address: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-migrate-'))
  space = new ClusterSpace()
  nodes = []
})

afterEach(async () => {
  await chatter?.close()
  chatter = undefined
  await library?.close()
  library = undefined
  await Promise.all(nodes.map((node) => node.close()))
  rmSync(folder, { recursive: true })
  await space.remove()
}, 60_000)

const data = (): string => join(folder, 'single')

/** The one process that everybody uses at first. */
async function single(): Promise<ProcessNode> {
  const node = new ProcessNode({ data: data(), args: ['--rate-limits', 'off', '--store', 'sqlite'] })
  nodes.push(node)
  await node.start()
  return node
}

/** What nodes are started with, as settings. */
const targetOf = (env: Record<string, string>): Settings => readConfig({ flags: {}, env }).settings

const departed = (): boolean => existsSync(join(data(), 'moved.json'))
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Nodes of the cluster. They are not ready until the data is there. */
async function cluster(count: number): Promise<ProcessNode[]> {
  const started = Array.from(
    { length: count },
    (_, index) =>
      new ProcessNode({
        data: join(folder, `node-${index}`),
        args: ['--rate-limits', 'off'],
        env: space.env,
        patience: 60_000,
        ready: '/healthz',
      }),
  )
  nodes.push(...started)
  await Promise.all(started.map((node) => node.start()))
  return started
}

interface Verified {
  kind: string
  source: string
  target: string
  open: number
}

/** What a run that took the service there says in the end. */
const reportOf = (events: readonly Record<string, unknown>[]): { verified: Verified[]; verifiedFrozen: Verified[] } =>
  (events.at(-1) as { report: { verified: Verified[]; verifiedFrozen: Verified[] } }).report

describe.skipIf(missingEngines !== '')(`from one process to a cluster (seed ${seed})${missingEngines}`, () => {
  it('everything that people had is there as it was; tokens, passwords, cursors are good', {
    timeout: 120_000,
  }, async () => {
    const old = await single()
    const world = await furnish(old.url)
    const before = await shownAtRest(old.url, world)
    const migration = new MigrationRun(data(), space.env)
    await migration.told('waiting for nodes')
    const [node] = (await cluster(1)) as [ProcessNode]
    const waiting = await new RawApi(node.url, world.people[0]!.token).request('GET', '/v1/me').catch(() => undefined)
    expect([undefined, 200, 503]).toContain(waiting?.status)
    const events = await migration.done()
    for (const one of reportOf(events).verified) expect(one).toMatchObject({ target: one.source, open: 0 })
    expect(await shown(node.url, world)).toEqual(before)
    expect(await shown(old.url, world), 'the old address leads to the nodes').toEqual(before)
    await logIn(node.url, world.people[0]!, 'a new phone')
    for (const account of world.people) {
      const cursor = world.cursors.get(account.device)!
      const { client, welcome } = await RawClient.connect({ url: node.url, account, cursor, window: 1000 })
      expect(welcome.resume, 'Y4: nobody is reset').toBe('ok')
      await client.waitFor((frame) => frame.t === 'live')
      const seqs = client.frames.flatMap((frame) =>
        frame.t === 'event' && 'seq' in frame.update && frame.update.conversation === world.conversations[0]
          ? frame.update.seq
          : [],
      )
      expect(seqs, 'in order, without holes').toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index))
      await client.close()
    }
    await old.sigterm()
    await expect(old.start()).rejects.toThrow('was moved to')
    const again = new MigrationRun(data(), space.env)
    expect((await again.done()).at(-1)).toEqual({ done: 'moved before' })
  })

  it('what is not there as it is here is found, row by row; then the server stays where it is', {
    timeout: 120_000,
  }, async () => {
    const old = await single()
    const world = await furnish(old.url)
    await shownAtRest(old.url, world)
    await new MigrationRun(data(), space.env, ['--json', '--copy-only']).done()
    const verify = async (): Promise<string[]> => {
      const verified = await verifyMigration({ data: data(), target: targetOf(space.env), tell: () => {} })
      return verified.filter(({ open }) => open > 0).map(({ kind }) => kind)
    }
    expect(await verify()).toEqual([])
    const [group] = world.conversations as [string, string]
    const { user, device } = world.people[1]!
    const entry = ({ conversation, kind, seq }: Row): boolean => conversation === group && kind === 0 && seq === 7
    const log = ['conversation', 'bucket', 'kind', 'seq', 'key']
    const tampering = await Tampering.open(space.env)
    try {
      const row: Tampering['row'] = (...args) => tampering.row(...args)
      const deeds: [what: string, kind: string, () => Promise<() => Promise<void>>][] = [
        ['an entry is lost', 'logs', () => row('log', log, entry)],
        ['a seq is another', 'logs', () => row('log', log, entry, { seq: 700 })],
        ['an id is another', 'logs', () => row('log', log, entry, { id: 5 })],
        ['a text is another', 'logs', () => row('log', log, entry, { body: '{"content":{"text":"forged"}}' })],
        ['a sender is another', 'logs', () => row('log', log, entry, { sender: user })],
        [
          'an edit is forgotten',
          'logs',
          () => row('amendments', ['conversation', 'bucket', 'type', 'target', 'user'], ({ type }) => type === 'edit'),
        ],
        [
          'a member is lost',
          'logs',
          () =>
            row('conversations', ['conversation', 'user'], (one) => one.conversation === group && one.user === user),
        ],
        ['a place is lost', 'queues', () => row('queue', ['user', 'bucket', 'row'], (one) => one.user === user)],
        ['a cursor is lost', 'cursors', () => row('queue_cursors', ['user', 'device'], (one) => one.device === device)],
        [
          'a cursor is another',
          'cursors',
          () => row('queue_cursors', ['user', 'device'], (one) => one.device === device, { position: '1' }),
        ],
        ['a receipt is lost', 'receipts', () => row('watermarks', ['conversation', 'user', 'kind'], () => true)],
        ['what was hidden is shown', 'own', () => row('hidden', ['user', 'conversation', 'seq'], () => true)],
        [
          'a token is another',
          'accounts',
          () =>
            tampering.rows(
              `UPDATE devices SET token_hash = 'x' || token_hash WHERE id = '${device}'`,
              `UPDATE devices SET token_hash = substr(token_hash, 2) WHERE id = '${device}'`,
            ),
        ],
        [
          'a block is gone',
          'accounts',
          () =>
            tampering.rows(
              `UPDATE blocks SET blocked = 'x' || blocked`,
              `UPDATE blocks SET blocked = substr(blocked, 2)`,
            ),
        ],
        [
          'a password is another',
          'accounts',
          () =>
            tampering.rows(
              `UPDATE users SET password = 'x' || password WHERE id = '${user}'`,
              `UPDATE users SET password = substr(password, 2) WHERE id = '${user}'`,
            ),
        ],
      ]
      for (const [what, kind, deed] of deeds) {
        const undo = await deed()
        expect(await verify(), what).toEqual([kind])
        await undo()
      }
      expect(await verify(), 'all is put back').toEqual([])
      await cluster(1)
      const [, , last] = deeds[1]!
      await last()
      const refused = new MigrationRun(data(), space.env)
      await expect(refused.done()).rejects.toThrow(`What was moved is not as it is here: logs ${group}.`)
      expect(departed()).toBe(false)
      expect((await new RawApi(old.url, world.people[0]!.token).request('GET', '/v1/me')).status).toBe(200)
    } finally {
      await tampering.close()
    }
  })

  it(`I1–I5, I9, I15, Y4: while everybody talks, killed again and again; nobody waits longer than ${longestGap} ms`, {
    timeout: 200_000 + kills * 20_000,
  }, async () => {
    const random = seededRandom(seed)
    const old = await single()
    address = old.url
    const options = { url: () => address, random, users: 6, devicesPerUser: 2, pipelined: 4, pause: 200 }
    const talk = await Chatter.start(options)
    chatter = talk
    const pair = await SdkPair.start(old.url)
    library = pair
    talk.talk()
    await talk.progress(300)
    for (let kill = 0; kill < kills; kill++) {
      const run = new MigrationRun(data(), space.env, ['--json', '--copy-only'])
      await run.told('copying')
      await sleep(random.float() * 1_500)
      await run.kill9()
      await talk.progress(50)
    }
    // The server too: what changes is written down all the same.
    await old.kill9()
    await old.start()
    await talk.progress(50)
    const [first] = (await cluster(2)) as [ProcessNode, ProcessNode]
    await talk.progress(50)
    // Who polled when the server was killed waits for a while before it asks again.
    await pair.countAnew()
    talk.countAnew()
    const events = await new MigrationRun(data(), space.env).done()
    await talk.progress(300)
    const { verified, verifiedFrozen } = reportOf(events)
    for (const one of [...verified, ...verifiedFrozen]) expect(one.target).toBe(one.source)
    for (const one of verifiedFrozen) expect(one.open, one.kind).toBe(0)
    const left = events.find(({ step }) => step === 'left') as { frozen: number; keys: number }
    const gaps = {
      frozen: left.frozen,
      answers: talk.longestSilence,
      sockets: Math.max(...talk.devices.map(({ way }) => way.gaps.at(-1) ?? 0)),
      'library, answers': pair.longest[0]!.answer,
      'library, events': pair.longest[0]!.silence,
      'polling, answers': pair.longest[1]!.answer,
      'polling, events': pair.longest[1]!.silence,
    }
    const told = Object.entries(gaps).map(([name, gap]) => `${name} ${Math.round(gap)} ms`)
    process.stdout.write(`${left.keys} keys in the freeze; longest: ${told.join(', ')}\n`)
    await talk.quiet()
    expect(await talk.judge()).toEqual([])
    expect(talk.history.records.filter(({ type }) => type === 'reset')).toEqual([])
    const [shownToOne, shownToOther] = await pair.quiet()
    expect(shownToOne).toEqual(shownToOther)
    expect(shownToOne?.length).toBeGreaterThan(20)
    expect(new Set(pair.resumes)).toEqual(new Set(['ok']))
    for (const [name, gap] of Object.entries(gaps)) expect(gap, name).toBeLessThan(longestGap)
    // The nodes alone.
    await old.sigterm()
    address = first.url
    expect(await talk.judge(true), 'all logs read again from their beginnings').toEqual([])
  })

  it('killed on its last stretch, wherever that is: there is one service, and the next run ends it', {
    timeout: 120_000 + kills * 30_000,
  }, async () => {
    const random = seededRandom(seed)
    const old = await single()
    address = old.url
    const options = { url: () => address, random, users: 4, devicesPerUser: 1, pipelined: 2, pause: 200 }
    const talk = await Chatter.start(options)
    chatter = talk
    talk.talk()
    const first = new MigrationRun(data(), space.env, ['--json', '--copy-only'])
    await first.done()
    await cluster(2)
    for (let kill = 0; kill < 2 * kills && !departed(); kill++) {
      await talk.progress(50)
      const run = new MigrationRun(data(), space.env)
      await run.told('comparing')
      await sleep(random.float() * 1_500)
      await run.kill9()
    }
    await new MigrationRun(data(), space.env).done()
    expect(departed()).toBe(true)
    await talk.progress(100)
    await talk.quiet()
    expect(await talk.judge(true)).toEqual([])
    expect(talk.history.records.filter(({ type }) => type === 'reset')).toEqual([])
  })
})
