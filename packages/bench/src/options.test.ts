import { describe, expect, it } from 'vitest'
import { parseOptions } from './options.ts'
import { fullTiming, quickTiming } from './timing.ts'
import { chooseWorks, works } from './works/catalogue.ts'

describe('parseOptions', () => {
  it('takes works, and times in seconds', () => {
    const options = parseOptions(['W1', 'W2.full', '--pairs', '7', '--window', '2.5'])
    expect(options.works).toEqual(['W1', 'W2.full'])
    expect(options.timing).toEqual({ ...fullTiming, pairs: 7, windowMs: 2500 })
  })

  it('shortens everything with --quick, unless told', () => {
    expect(parseOptions(['--quick']).timing).toEqual(quickTiming)
    expect(parseOptions(['--quick', '--pairs', '3']).timing.pairs).toBe(3)
  })

  it('refuses what it does not know', () => {
    expect(() => parseOptions(['--fast'])).toThrow('--fast')
    expect(() => parseOptions(['--pairs', 'many'])).toThrow('--pairs needs a number above 0, not "many"')
    expect(() => parseOptions(['--window', '0'])).toThrow('--window')
  })
})

describe('chooseWorks', () => {
  const names = (wanted: string[]) => chooseWorks(wanted).map((work) => work.name)

  it('chooses a part by its name and all parts by their work', () => {
    expect(names(['w1'])).toEqual(['W1.full', 'W1.rate', 'W1.fsync'])
    expect(names(['disk', 'W1.rate'])).toEqual(['W1.rate', 'disk'])
    expect(names([])).toEqual(works.map((work) => work.name))
  })

  it('refuses a name that chooses nothing', () => {
    expect(() => chooseWorks(['W'])).toThrow('no work is called "W"')
  })
})
