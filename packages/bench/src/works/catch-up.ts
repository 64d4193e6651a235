import type { CatchUpRound } from '../load/catch-up.ts'
import { LoadProcess } from '../load/load-process.ts'
import { median } from '../measure/statistics.ts'
import type { Row } from '../report/row.ts'
import { direct, type RunningParley } from '../targets/parley.ts'
import type { Target } from '../targets/target.ts'
import type { Setting, Work, WorkReport } from './work.ts'

const peers = 10

async function rounds(setting: Setting, parley: Target<RunningParley>, sizes: readonly number[], count: number) {
  const running = await parley.start({ users: peers + 1 })
  const load = new LoadProcess()
  const done: CatchUpRound[] = []
  try {
    const [receiver, ...others] = running.users
    if (!receiver) throw new Error('no users')
    const senders = await Promise.all(
      others.map(async ({ user, token }) => ({
        token,
        conversation: await direct(running.endpoint, receiver.token, user),
      })),
    )
    await load.tell({ do: 'catchUp', endpoint: running.endpoint, plan: { receiver: receiver.token, senders } })
    for (const messages of sizes) {
      for (let round = 0; round < count; round++) {
        const result = await load.tell({ do: 'round', messages, serverPid: running.pid })
        const wrong = result.failures.length > 0 ? `  FAILED: ${result.failures.join('; ')}` : ''
        setting.log(`  ${messages} messages: ${result.ms.toFixed(1)} ms, ${result.cpuSeconds.toFixed(2)} CPU-s${wrong}`)
        done.push(result)
      }
    }
  } finally {
    await load.end()
    await running.stop()
  }
  return done
}

export const catchUp: Work = {
  name: 'W5',
  title: 'a device comes back to messages from 10 peers',
  async run(setting): Promise<WorkReport> {
    const sizes = setting.quick ? [3000] : [1000, 10_000]
    const done = setting.parley ? await rounds(setting, setting.parley, sizes, setting.quick ? 2 : 12) : []
    const rows: Row[] = sizes.flatMap((messages) => {
      // The first round warms the code.
      const own = done.filter((round) => round.messages === messages).slice(1)
      const failures = own.flatMap((round) => round.failures)
      const name = `${messages.toLocaleString('en-US')} messages`
      const cpu = own.reduce((sum, round) => sum + round.cpuSeconds, 0)
      const perCpuSecond = own.length > 0 ? (messages * own.length) / cpu : undefined
      const ms = own.length > 0 ? median(own.map((round) => round.ms)) : undefined
      const timeGoal = messages === 1000 ? { atMost: 100 } : undefined
      return [
        {
          work: 'W5',
          figure: `${name} per CPU-s`,
          parley: perCpuSecond,
          unit: '1/s',
          goal: { atLeast: 50_000 },
          failures,
        },
        { work: 'W5', figure: name, parley: ms, unit: 'ms', goal: timeGoal, failures },
      ]
    })
    return { rows, raw: { rounds: done } }
  },
}
