import { afterEach, describe, expect, it } from 'vitest'
import { checkHistory } from '../history/check-history.ts'
import { History } from '../history/history.ts'
import { readMetrics } from '../node-metrics.ts'
import { type Account, RawApi } from '../raw-api.ts'
import { RawDevice } from '../raw-device.ts'
import { bound, isLong } from './bounds.ts'
import { missingEngines } from './cluster-space.ts'
import { accountsWithDevices, importUsers } from './cluster-users.ts'
import { fairness, GroupSender } from './group-load.ts'
import { TestCluster } from './test-cluster.ts'

const [members, connected] = [150, 10]
/** Sends one by one, fewer than after which a device acknowledges. */
const quiet = 15
/** ms of load before the node of the lane is killed, and after. */
const time = bound(20_000, 5000)
/** Messages a second, all of them durable with 150 queue places; the short form only shows that none waits for ever. */
const rateAtLeast = bound(300, 40)
/** ms until those on the other nodes are answered again. */
const backWithin = bound(2000, 8000)
const slowestWithin = bound(5000, 15_000)
const form = isLong ? '' : ' (short form, looser bounds)'

let cluster: TestCluster | undefined
let devices: RawDevice[] = []

afterEach(async () => {
  await Promise.all(devices.map((device) => device.close()))
  devices = []
  await cluster?.close()
}, 60_000)

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const say = (line: string) => process.stdout.write(`${line}\n`)

/** A group of 150, of whom the first are connected, on three nodes. */
async function openGroup() {
  const nodes = await TestCluster.start()
  cluster = nodes
  const history = new History()
  const urls = nodes.nodes.map(({ url }) => url)
  const accounts = await accountsWithDevices(urls, await importUsers(nodes.env, members))
  const [owner, ...others] = accounts as [Account, ...Account[]]
  const users = others.map(({ user }) => user)
  const { id } = await new RawApi(urls[0]!, owner.token).group('Hot', users)
  const running = (n: number) => nodes.running[n % nodes.running.length]!.url
  devices = accounts.slice(0, connected).map((account, n) => {
    return new RawDevice({ url: () => running(n), account, history, ackEvery: quiet + 5 })
  })
  await Promise.all(devices.map((device) => device.start()))
  const senderOf = (n: number, name: string) => new GroupSender(accounts[n]!, id, history, () => running(n), name)
  const senders = accounts.map((_, n) => senderOf(n, 'hot'))
  return { nodes, history, owner, id, running, senders, first: senderOf(0, 'first') }
}

type Group = Awaited<ReturnType<typeof openGroup>>

/** A number of each node. */
const metricOf = ({ nodes }: Group, name: string, labels?: Record<string, string>): Promise<number[]> =>
  Promise.all(nodes.nodes.map(async ({ url }) => (await readMetrics(url))(name, labels)))

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe.skipIf(missingEngines !== '')(`${members} senders in one group, three nodes${form}${missingEngines}`, () => {
  it(`≥ ${rateAtLeast}/s, nobody starves; the lane's node killed, the others go on in ${backWithin} ms`, {
    timeout: 240_000,
  }, async () => {
    const group = await openGroup()
    const { nodes, history, owner, id, running, senders, first } = group
    await pause(1500)

    // Before anybody acknowledges: what goes over the links are these messages alone.
    const told = await metricOf(group, 'parley_link_messages_total', { topic: 'deliver' })
    await first.run(() => first.result.sends.length === quiet)
    const toldNow = await metricOf(group, 'parley_link_messages_total', { topic: 'deliver' })
    expect(sum(toldNow) - sum(told), 'W9: one message to each other node, whoever is there').toBe(2 * quiet)

    const before = await metricOf(group, 'parley_messages_accepted_total')
    const results = senders.map(({ result }) => result)
    const stored = () => sum(results.map(({ sends }) => sends.length))
    let over = false
    const began = performance.now()
    const sending = Promise.all(senders.map((sender) => sender.run(() => over)))
    await pause(time)
    const [count, rate] = [stored(), stored() / ((performance.now() - began) / 1000)]
    const fair = fairness(results)
    const after = await metricOf(group, 'parley_messages_accepted_total')
    const appended = after.map((value, at) => value - before[at]!)
    say(
      `${rate.toFixed(0)} messages/s; half of the sends within ${fair.median.toFixed(0)} ms, all within ${fair.slowest.toFixed(0)} ms`,
    )
    say(`answers of the senders: ${fair.least} at least, ${fair.usual} usually`)

    const lane = nodes.nodes[appended.indexOf(Math.max(...appended))]!
    const killedAt = performance.now()
    await lane.kill9()
    /** When each other node first stored something that was sent after that. */
    const back = () => {
      const later = results.flatMap(({ sends }) => sends).filter((send) => send.began > killedAt)
      const ofNode = (url: string) => later.filter((send) => send.node === url).map(({ answered }) => answered)
      return nodes.running.map(({ url }) => Math.min(...ofNode(url)))
    }
    await expect.poll(back, { timeout: 30_000, interval: 20 }).not.toContain(Number.POSITIVE_INFINITY)
    const gap = Math.max(...back()) - killedAt
    const [from, fromAt] = [stored(), performance.now()]
    await pause(time)
    const rateLater = (stored() - from) / ((performance.now() - fromAt) / 1000)
    over = true
    await sending
    const slowest = fairness(results).slowest
    say(`the lane's node killed: the others go on after ${gap.toFixed(0)} ms, then ${rateLater.toFixed(0)} messages/s`)

    const entries = await new RawApi(running(0), owner.token).entries(id, 0)
    const head = entries.at(-1)!.seq
    await Promise.all(devices.map((device) => device.until(() => device.appliedUpTo(id) === head, 60_000)))
    history.add({ type: 'log', conversation: id, entries })
    for (const { account } of devices) history.add({ type: 'settled', user: account.user, device: account.device })
    expect(checkHistory(history.records), 'dense, in order, none doubled, none lost').toEqual([])
    expect(rate).toBeGreaterThan(rateAtLeast)
    expect(Math.max(...appended) / count, 'one node appends for all').toBeGreaterThan(0.9)
    expect(fair.least / fair.usual, 'answers of the least served sender').toBeGreaterThan(0.3)
    expect(slowest).toBeLessThan(slowestWithin)
    expect(gap).toBeLessThan(backWithin)
    expect(rateLater).toBeGreaterThan(rateAtLeast / 2)
  })
})
