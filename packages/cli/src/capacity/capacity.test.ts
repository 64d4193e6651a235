import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { demandOf, targetUsage } from './demand.ts'
import { amount, renderCapacity } from './report.ts'
import { supplyFor, targetMachines } from './supply.ts'
import { costsFromBench, measuredCosts } from './unit-costs.ts'

describe('capacity', () => {
  it('reproduces the size that the design is made for', () => {
    const demand = demandOf(targetUsage)
    expect(amount(demand.messages)).toBe('57.9 k')
    expect(demand.textPerDay).toBe(750e9)
    expect(demand.mediaPerDay).toBe(50e12)
    expect(demand.kept / 1e15).toBeCloseTo(185.2, 1)
    expect(demand.connections).toBe(45e6)
    expect(demand.heartbeats).toBe(1.5e6)
    expect(demand.heartbeats / demand.messages).toBeCloseTo(26, 0)
  })

  it('takes the costs that a bench measured, and its own for the others', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-capacity-'))
    const report = join(folder, 'bench.json')
    try {
      const rows = [
        { work: 'W9', figure: 'cost on 1 node', parley: 0.3 },
        { work: 'W9', figure: 'cassandra beside 1 node', parley: 1 },
        { work: 'W3', figure: '19,000 idle', parley: 10 },
      ]
      writeFileSync(report, JSON.stringify({ rows }))
      const costs = costsFromBench(report)
      expect(costs).toMatchObject({ messages: 0.3, connection: 10_240, deliveries: measuredCosts.deliveries })
      expect(costs.append + 2 * costs.queueRow, 'a message to one other has two queue rows').toBeCloseTo(1, 6)
      expect(() => costsFromBench(join(folder, 'none.json'))).toThrow('no report')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('asks for twice the machines for twice the people', () => {
    const supplyOf = (dailyUsers: number) => {
      const usage = { ...targetUsage, dailyUsers }
      return supplyFor(demandOf(usage), usage, measuredCosts, targetMachines)
    }
    const [one, two] = [supplyOf(100e6), supplyOf(200e6)]
    expect(two.chatCores).toBeCloseTo(2 * one.chatCores, 6)
    expect(two.cassandraCores).toBeCloseTo(2 * one.cassandraCores, 6)
    expect(Math.abs(two.chatNodes - 2 * one.chatNodes)).toBeLessThanOrEqual(1)
  })

  it('says what decides', () => {
    const usage = { ...targetUsage, dailyUsers: 1000 }
    const small = supplyFor(demandOf(usage), usage, measuredCosts, targetMachines)
    expect(small).toMatchObject({ chatNodes: 1, cassandraNodes: 1 })
    const machines = { ...targetMachines, memoryBytes: 1e9 }
    expect(supplyFor(demandOf(targetUsage), targetUsage, measuredCosts, machines).chatNodesFor).toBe('memory')
    const text = renderCapacity(
      targetUsage,
      demandOf(targetUsage),
      supplyFor(demandOf(targetUsage), targetUsage, measuredCosts, targetMachines),
      targetMachines,
    )
    expect(text).toContain('750 GB a day')
    expect(text).toContain('185 PB in 10 years')
  })
})
