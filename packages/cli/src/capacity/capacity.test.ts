import { describe, expect, it } from 'vitest'
import { demandOf, targetUsage } from './demand.ts'
import { amount, renderCapacity } from './report.ts'
import { supplyFor, targetMachines } from './supply.ts'
import { measuredCosts } from './unit-costs.ts'

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
