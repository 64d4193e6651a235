import type { Demand, Usage } from './demand.ts'
import type { UnitCosts } from './unit-costs.ts'

/** The machines that are bought. */
export interface Machines {
  /** Of each machine. */
  cores: number
  memoryBytes: number
  diskBytes: number
  /** Share of a core that may be busy at the peak. */
  busy: number
  /** Connections that one node holds at most, whatever its memory. */
  connectionsPerNode: number
  /** Copies of each row of text. */
  replication: number
  /** What a stored byte of text costs on disk: keys, indexes, room for compaction. */
  textOverhead: number
  /** What a stored byte of media costs: erasure coding. */
  mediaOverhead: number
}

export const targetMachines: Machines = {
  cores: 16,
  memoryBytes: 64e9,
  diskBytes: 8e12,
  busy: 0.6,
  connectionsPerNode: 500_000,
  replication: 3,
  textOverhead: 4,
  mediaOverhead: 1.5,
}

/** How many machines of each kind, and what decides it. */
export interface Supply {
  chatNodes: number
  chatNodesFor: 'CPU' | 'memory' | 'connections'
  chatCores: number
  cassandraNodes: number
  cassandraNodesFor: 'CPU' | 'disk'
  cassandraCores: number
  /** Bytes on disks, all copies. */
  textStored: number
  mediaStored: number
}

/** Half of a node's memory is for connections; the other half for states, caches and the runtime. */
const connectionMemory = 0.5

export function supplyFor(demand: Demand, usage: Usage, costs: UnitCosts, machines: Machines): Supply {
  const { cores, busy, replication } = machines
  const chatCores =
    (demand.peakMessages * costs.messages +
      demand.peakDeliveries * costs.deliveries +
      demand.heartbeats * costs.heartbeats) /
    1000
  const byCpu = chatCores / (cores * busy)
  const byMemory = (demand.connections * costs.connection) / (machines.memoryBytes * connectionMemory)
  const byConnections = demand.connections / machines.connectionsPerNode
  const chatNodes = Math.max(byCpu, byMemory, byConnections)
  const cassandraCores =
    ((demand.peakMessages * costs.append + demand.peakQueueRows * costs.queueRow) * replication) / 1000
  const textKept = demand.textPerDay * 365 * usage.retentionYears
  const textStored = textKept * machines.textOverhead * replication
  const rowsByCpu = cassandraCores / (cores * busy)
  const rowsByDisk = textStored / machines.diskBytes
  return {
    chatNodes: Math.ceil(chatNodes),
    chatNodesFor: chatNodes === byCpu ? 'CPU' : chatNodes === byMemory ? 'memory' : 'connections',
    chatCores,
    cassandraNodes: Math.ceil(Math.max(rowsByCpu, rowsByDisk)),
    cassandraNodesFor: rowsByCpu >= rowsByDisk ? 'CPU' : 'disk',
    cassandraCores,
    textStored,
    mediaStored: demand.mediaPerDay * 365 * usage.retentionYears * machines.mediaOverhead,
  }
}
