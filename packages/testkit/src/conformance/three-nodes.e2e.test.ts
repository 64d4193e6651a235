import { describe, expect, it } from 'vitest'
import { World } from './world.ts'

process.env.PARLEY_TEST_NODES = '3'

/** Everything that holds on one node holds on three, whichever of them somebody is connected to. */
for (const suite of ['accounts', 'bad-input', 'kept', 'limits', 'operators', 'sending', 'socket', 'sync']) {
  describe(`${suite}, on three nodes`, async () => {
    await import(`./${suite}.e2e.test.ts`)
  })
}

it('three nodes find each other', async () => {
  const world = await World.start()
  expect(new Set(world.urls).size).toBe(3)
  await world.stop()
})
