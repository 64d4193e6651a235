import { expect, it } from 'vitest'
import { evenRanges, slotCount, slotOf } from './slot-map.ts'

it('a slot is the same for ever: users would not be found in another', () => {
  expect(['alice', 'bob', '7301444403200000000', ''].map(slotOf)).toEqual([3032, 438, 3214, 944])
})

it('slots are used alike', () => {
  const counts = new Array<number>(slotCount).fill(0)
  for (let i = 0; i < slotCount * 100; i++) counts[slotOf(`user${i}`)]!++
  expect(Math.min(...counts)).toBeGreaterThan(50)
  expect(Math.max(...counts)).toBeLessThan(160)
})

it('databases get the same number of slots, or one more', () => {
  for (const count of [1, 2, 3, 7]) {
    const shards = Array.from({ length: count }, (_, index) => ({ id: `s${index}`, label: 'x' }))
    const firsts = [...evenRanges(shards).map(({ first }) => first), slotCount]
    expect(firsts[0]).toBe(0)
    const sizes = firsts.slice(1).map((first, index) => first - (firsts[index] as number))
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  }
})
