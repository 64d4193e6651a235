import { expect, it } from 'vitest'
import { Gathering } from './gathering.ts'
import { ManualClock } from './manual-clock.ts'

function gathering() {
  const clock = new ManualClock()
  const due: string[][] = []
  return { clock, due, changes: new Gathering<string, string>(clock, 1000, (changes) => due.push(changes)) }
}

it('gives each change a second after it began, whatever began later', async () => {
  const { clock, due, changes } = gathering()
  changes.begin('a', 'first')
  await clock.advance(500)
  changes.begin('b', 'second')
  await clock.advance(500)
  expect(due).toEqual([['first']])
  expect(changes.get('a')).toBeUndefined()
  expect(changes.get('b')).toBe('second')
  await clock.advance(500)
  expect(due).toEqual([['first'], ['second']])
  await clock.advance(10_000)
  expect(due).toHaveLength(2)
})

it('gives together what began together', async () => {
  const { clock, due, changes } = gathering()
  changes.begin('a', 'first')
  await clock.advance(10)
  changes.begin('b', 'second')
  await clock.advance(1000)
  expect(due).toEqual([['first', 'second']])
})

it('gives what was taken or forgotten no more', async () => {
  const { clock, due, changes } = gathering()
  changes.begin('a', 'first')
  changes.begin('b', 'second')
  changes.forget('a')
  expect(changes.takeAll()).toEqual(['second'])
  changes.begin('c', 'third')
  changes.forget('c')
  await clock.advance(5000)
  expect(due).toEqual([])
  expect(changes.size).toBe(0)
})
