import type { Demand, Usage } from './demand.ts'
import type { Machines, Supply } from './supply.ts'

const steps = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

/** Three digits and a prefix of the SI: 57,870 is 57.9 k. */
export function amount(value: number, unit = ''): string {
  for (const [step, prefix] of steps) {
    if (value >= step) return `${Number((value / step).toPrecision(3))} ${prefix}${unit}`
  }
  return `${Number(value.toPrecision(3))}${unit ? ` ${unit}` : ''}`
}

export function renderCapacity(usage: Usage, demand: Demand, supply: Supply, machines: Machines): string {
  const rows: [string, string][] = [
    ['daily users', `${amount(usage.dailyUsers)}, ${usage.messagesPerUser} messages each`],
    ['messages', `${amount(demand.messages)}/s on average, ${amount(demand.peakMessages)}/s at the peak`],
    ['deliveries', `${amount(demand.peakDeliveries)}/s to connected devices at the peak`],
    ['connections', `${amount(demand.connections)}, ${amount(demand.heartbeats)} heartbeats/s`],
    ['text', `${amount(demand.textPerDay, 'B')} a day`],
    ['media', `${amount(demand.mediaPerDay, 'B')} a day`],
    ['kept', `${amount(demand.kept, 'B')} in ${usage.retentionYears} years, one copy`],
    ['network', `${amount(demand.peakBits, 'bit')}/s with clients at the peak`],
    ['', ''],
    ['chat nodes', `${supply.chatNodes} machines of ${machines.cores} cores; ${supply.chatNodesFor} decides`],
    ['Cassandra', `${supply.cassandraNodes} machines of ${machines.cores} cores; ${supply.cassandraNodesFor} decides`],
    ['on disks', `${amount(supply.textStored, 'B')} of text, ${machines.replication} copies`],
    ['in objects', `${amount(supply.mediaStored, 'B')} of media with erasure coding`],
  ]
  return rows.map(([name, text]) => (name ? `${name.padEnd(13)}${text}\n` : '\n')).join('')
}
