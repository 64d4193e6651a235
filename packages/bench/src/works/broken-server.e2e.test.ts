import { describe, expect, it } from 'vitest'
import { processTree } from '../measure/process-tree.ts'
import { quickTiming } from '../timing.ts'
import { chooseWorks } from './catalogue.ts'
import type { Setting } from './work.ts'

const setting: Setting = {
  parley: { name: 'Parley', start: () => Promise.reject(new Error('it does not start')) },
  timing: quickTiming,
  quick: true,
  messages: undefined,
  rate: undefined,
  nodes: undefined,
  log: () => undefined,
}

describe.runIf(process.platform === 'linux')('a work whose server does not start', () => {
  it.for(['W2.full', 'W4', 'W5', 'W6', 'W7', 'disk', 'start'])(
    '%s says so and leaves nothing running',
    async (name) => {
      const before = processTree(process.pid)
      for (const work of chooseWorks([name])) await expect(work.run(setting)).rejects.toThrow('it does not start')
      expect(processTree(process.pid)).toEqual(before)
    },
  )
})
