import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChat, phone, say, World } from './browser/world.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
}, 120_000)
afterAll(() => world.stop())

describe('two people in two browsers', () => {
  it('register, find each other and talk; ticks turn; nothing is refused by the page’s policy', {
    timeout: 60_000,
  }, async () => {
    const anna = await world.register('anna', 'Anna Lindqvist')
    const complaints: string[] = []
    anna.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    const bert = await world.register('bert', 'Bert', await world.newBrowser(phone, { colorScheme: 'dark' }))
    await openChat(anna, 'bert')
    await say(anna, 'Hello Bert, do you hear me?')
    const row = bert.getByRole('link', { name: /Anna Lindqvist/ })
    await row.getByText('1 unread message').waitFor({ state: 'attached' })
    await row.click()
    await bert.getByRole('log').getByText('Hello Bert, do you hear me?').waitFor()
    await anna.getByRole('log').getByTitle('Seen').waitFor()
    await say(bert, 'Loud and clear.')
    await anna.getByRole('log').getByText('Loud and clear.').waitFor()
    await anna.reload()
    await anna.getByRole('log').getByText('Loud and clear.').waitFor()
    expect(complaints).toEqual([])
  })
})
