import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callApi, inLanes } from '../load/api.ts'
import { LoadProcess } from '../load/load-process.ts'
import type { PagesResult } from '../load/pages.ts'
import { messageText } from '../load/texts.ts'
import { untilQuiet } from '../measure/quiet.ts'
import type { Row } from '../report/row.ts'
import { direct, type RunningParley } from '../targets/parley.ts'
import type { Target } from '../targets/target.ts'
import type { Setting, Work, WorkReport } from './work.ts'

const historyPage = 50
const inboxPage = 20
/** How long the server may work on what was stored, before pages count as warm. */
const settleSeconds = 180
const pageGoal = { atMost: 2 }

function reads(setting: Setting): { warmUp: number; requests: number } {
  return setting.quick ? { warmUp: 20, requests: 100 } : { warmUp: 1000, requests: 5000 }
}

function pageRows(work: string, what: string, result: PagesResult | undefined): Row[] {
  const { latency, failures } = result ?? {}
  return [
    { work, figure: `${what} p50`, parley: latency?.p50, unit: 'ms', failures },
    { work, figure: `${what} p99`, parley: latency?.p99, unit: 'ms', goal: pageGoal, failures },
  ]
}

/** Fills a server, reads random pages, then starts it again on the full folder. */
async function readHistory(setting: Setting, parley: Target<RunningParley>, messages: number) {
  const users = setting.quick ? 20 : 200
  const data = await mkdtemp(join(tmpdir(), 'parley-history-'))
  let running: RunningParley | undefined
  let load: LoadProcess | undefined
  try {
    running = await parley.start({ data, users })
    load = new LoadProcess()
    const { endpoint } = running
    const plan = await running.pairs(users)
    await load.tell({ do: 'pairs', endpoint, plan })
    setting.log(`  storing ${messages} messages`)
    await load.tell({ do: 'fill', messages })
    await load.tell({ do: 'close' })
    const quiet = await untilQuiet(running.pid, settleSeconds)
    if (!quiet) setting.log(`  still busy ${settleSeconds} s after the last message; pages are read all the same`)
    const heads = await inLanes(plan.conversations.length, 4, async (index) => {
      const path = `/v1/conversations/${plan.conversations[index]}`
      const { head } = await callApi<{ head: number }>(endpoint, plan.tokens[index * 2] ?? '', 'GET', path)
      return head
    })
    const sources = plan.conversations.map((conversation, index) => ({
      token: plan.tokens[index * 2] ?? '',
      path: `/v1/conversations/${conversation}/messages?limit=${historyPage}`,
      head: heads[index] ?? 0,
    }))
    const pages = { sources, items: historyPage, ...reads(setting) }
    const result = await load.tell({ do: 'pages', endpoint, plan: pages })
    await running.stop()
    running = await parley.start({ data, users: 0 })
    return { result, quiet, startMs: running.startMs, stored: heads.reduce((sum, head) => sum + head, 0) }
  } finally {
    await load?.end()
    await running?.stop()
    await rm(data, { recursive: true, force: true })
  }
}

export const history: Work = {
  name: 'W6',
  title: 'random pages of 50 messages',
  async run(setting): Promise<WorkReport> {
    const messages = setting.messages ?? (setting.quick ? 3000 : 1_000_000)
    const measured = setting.parley && (await readHistory(setting, setting.parley, messages))
    const stored = `${messages.toLocaleString('en-US')} stored`
    return {
      rows: [
        ...pageRows('W6', `page, ${stored},`, measured?.result),
        { work: 'W6', figure: `start, ${stored}`, parley: measured?.startMs, unit: 'ms', goal: { atMost: 1000 } },
      ],
      raw: { ...measured },
    }
  },
}

async function readInbox(setting: Setting, parley: Target<RunningParley>): Promise<PagesResult> {
  const conversations = setting.quick ? 30 : 500
  const running = await parley.start({ users: conversations + 1 })
  const load = new LoadProcess()
  try {
    const [owner, ...peers] = running.users
    if (!owner) throw new Error('no users')
    await inLanes(peers.length, 16, async (index) => {
      const peer = peers[index]
      if (!peer) return
      const conversation = await direct(running.endpoint, peer.token, owner.user)
      for (let number = 0; number < 1 + (index % 5); number++) {
        const body = { clientMessageId: randomUUID(), content: { text: messageText(number) } }
        await callApi(running.endpoint, peer.token, 'POST', `/v1/conversations/${conversation}/messages`, body)
      }
    })
    const sources = [{ token: owner.token, path: `/v1/conversations?limit=${inboxPage}` }]
    const plan = { sources, items: inboxPage, ...reads(setting) }
    return await load.tell({ do: 'pages', endpoint: running.endpoint, plan })
  } finally {
    await load.end()
    await running.stop()
  }
}

export const inbox: Work = {
  name: 'W7',
  title: 'first page of 20 conversations with unread, of a user of 500',
  async run(setting): Promise<WorkReport> {
    const result = setting.parley && (await readInbox(setting, setting.parley))
    return { rows: pageRows('W7', 'inbox', result), raw: { result } }
  },
}
