import { Command, InvalidArgumentError } from 'commander'
import { demandOf, targetUsage, type Usage } from '../capacity/demand.ts'
import { renderCapacity } from '../capacity/report.ts'
import { type Machines, supplyFor, targetMachines } from '../capacity/supply.ts'
import { costsFromBench, measuredCosts } from '../capacity/unit-costs.ts'

/** Every number of the model may be given: `--daily-users 5000000`. */
const usageTexts: Record<keyof Usage, string> = {
  dailyUsers: 'people who use it a day',
  messagesPerUser: 'messages that each of them sends a day',
  groupShare: 'share of messages that go to a group',
  groupMembers: 'members of a group, weighed by messages',
  devicesPerUser: 'devices of each of them',
  textBytes: 'bytes of a text',
  mediaShare: 'share of messages that carry media',
  mediaBytes: 'bytes of media',
  retentionYears: 'years that everything is kept',
  peak: 'the busiest second over the average one',
  connectedShare: 'share of people connected in the busiest minute',
  heartbeatSeconds: 'seconds between two heartbeats of a connection',
}
const machineTexts: Record<keyof Machines, string> = {
  cores: 'cores of a machine',
  memoryBytes: 'bytes of memory of a machine',
  diskBytes: 'bytes of disk of a database machine',
  busy: 'share of a core that may be busy at the peak',
  connectionsPerNode: 'connections that a node holds at most',
  replication: 'copies of each row',
  textOverhead: 'bytes on disk for each byte of text',
  mediaOverhead: 'bytes stored for each byte of media',
}

const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('It is no number from 0 on.')
  return value
}

/** `parley capacity`: from users to machines, by what a message was measured to cost. */
export function capacityCommand(): Command {
  const command = new Command('capacity')
    .description('How many machines so many people need; without options the size the design is made for')
    .option('--bench <file>', 'costs of this machine, from the report that parley bench wrote')
    .option('--json', 'answer in JSON')
  const defaults: Usage & Machines = { ...targetUsage, ...targetMachines }
  for (const [name, text] of Object.entries({ ...usageTexts, ...machineTexts })) {
    command.option(`${flagOf(name)} <number>`, text, positive, defaults[name as keyof typeof defaults])
  }
  return command.action(({ bench, json, ...given }: Usage & Machines & { bench?: string; json?: boolean }) => {
    const costs = bench === undefined ? measuredCosts : costsFromBench(bench)
    const demand = demandOf(given)
    const supply = supplyFor(demand, given, costs, given)
    if (json) process.stdout.write(`${JSON.stringify({ demand, supply, costs })}\n`)
    else process.stdout.write(renderCapacity(given, demand, supply, given))
  })
}
