import { describe, expect, it } from 'vitest'
import { countRefusal, newCounts } from '../lib/counts.ts'
import { createMetrics } from './metrics.ts'

function started() {
  const counts = newCounts()
  let refused = false
  const registry = createMetrics({ counts, sessions: () => 3, storeRefuses: () => refused })
  const read = async (pattern: RegExp) => (await registry.metrics()).split('\n').filter((line) => pattern.test(line))
  const refuse = () => {
    refused = true
  }
  return { counts, read, refuse }
}

describe('metrics', () => {
  it('tell of links where there are other nodes, and only there', async () => {
    expect(await started().read(/^parley_(node_)?link/)).toEqual([])
    const links = { up: 2, counts: { frames: 5, bytes: 900, messages: new Map([['deliver', 7]]), dropped: 1 } }
    const registry = createMetrics({ counts: newCounts(), sessions: () => 0, storeRefuses: () => false, links })
    const lines = (await registry.metrics()).split('\n').filter((line) => /^parley_(node_)?link/.test(line))
    expect(lines).toEqual([
      'parley_node_links 2',
      'parley_link_frames_total 5',
      'parley_link_bytes_total 900',
      'parley_link_messages_total{topic="deliver"} 7',
      'parley_link_dropped_total 1',
    ])
  })

  it('tell the numbers of the node, however often they are asked for', async () => {
    const { counts, read, refuse } = started()
    counts.messages = 5
    expect(await read(/^parley_messages/)).toEqual(['parley_messages_accepted_total 5'])
    counts.messages = 7
    expect(await read(/^parley_messages/)).toEqual(['parley_messages_accepted_total 7'])
    expect(await read(/^parley_messages/)).toEqual(['parley_messages_accepted_total 7'])
    expect(await read(/^parley_sessions/)).toEqual(['parley_sessions 3'])
    expect(await read(/^parley_store/)).toEqual(['parley_store_refuses_writes 0'])
    refuse()
    expect(await read(/^parley_store/)).toEqual(['parley_store_refuses_writes 1'])
  })

  it('C3: tell refusals by code, those that never happened too', async () => {
    const { counts, read } = started()
    countRefusal(counts, 'rate_limited')
    countRefusal(counts, 'rate_limited')
    const lines = await read(/^parley_refusals/)
    expect(lines).toContain('parley_refusals_total{code="rate_limited"} 2')
    expect(lines).toContain('parley_refusals_total{code="internal"} 0')
    expect(lines.length).toBe(12)
  })

  it('tell latencies as a histogram', async () => {
    const { counts, read } = started()
    for (const seconds of [0.001, 0.0015, 0.3, 60]) counts.appends.observe(seconds)
    const lines = await read(/parley_append_seconds/)
    expect(lines).toContain('# TYPE parley_append_seconds histogram')
    expect(lines).toContain('parley_append_seconds_bucket{le="0.001"} 1')
    expect(lines).toContain('parley_append_seconds_bucket{le="0.2"} 2')
    expect(lines).toContain('parley_append_seconds_bucket{le="10"} 3')
    expect(lines).toContain('parley_append_seconds_bucket{le="+Inf"} 4')
    expect(lines).toContain('parley_append_seconds_count 4')
    expect(Number(lines.find((line) => line.includes('_sum'))?.split(' ')[1])).toBeCloseTo(60.3025)
  })

  it('tell how late the event loop is', async () => {
    const { read } = started()
    expect((await read(/^nodejs_eventloop_lag_p99_seconds /)).length).toBe(1)
  })
})
