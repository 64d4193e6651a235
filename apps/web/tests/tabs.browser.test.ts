import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChat, say, World } from './browser/world.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
}, 120_000)
afterAll(() => world.stop())

/** Sessions that the server has now. */
async function sessions(): Promise<number> {
  const metrics = await (await fetch(`${world.url}/metrics`)).text()
  return Number(/^parley_sessions(?:\{[^}]*\})? (\d+)/m.exec(metrics)?.[1] ?? Number.NaN)
}

const messages = (page: Page) => page.getByRole('log').getByText('said in', { exact: false })

describe('two tabs of a browser', () => {
  it('share a connection and show the same; when one is closed the other goes on', { timeout: 90_000 }, async () => {
    const context = await world.newBrowser()
    const first = await world.register('anna_tabs', 'Anna', context)
    const bert = await world.register('bert_tabs', 'Bert')
    await openChat(first, 'bert_tabs')
    await say(first, 'said in the first')
    const second = await context.newPage()
    await second.goto(first.url())
    await messages(second).first().waitFor()
    await say(second, 'said in the second')
    await messages(first).nth(1).waitFor()
    expect(await sessions()).toBe(2)
    await bert.getByRole('link', { name: /Anna/ }).click()
    await messages(bert).nth(1).waitFor()
    await expect.poll(() => second.getByRole('log').getByTitle('Seen').count()).toBe(2)
    expect(await first.getByRole('log').getByTitle('Seen').count()).toBe(2)
    await first.close()
    await say(second, 'said in the one that is left')
    await messages(bert).nth(2).waitFor()
    await say(bert, 'said in answer')
    await messages(second).nth(3).waitFor()
    expect(await messages(bert).count()).toBe(4)
    await expect.poll(sessions).toBe(2)
  })

  it('are logged out together', { timeout: 60_000 }, async () => {
    const context = await world.newBrowser()
    const first = await world.register('cleo_tabs', 'Cleo', context)
    await openChat(first, 'bert_tabs')
    const second = await context.newPage()
    await second.goto('/settings')
    await second.getByRole('button', { name: 'Log out' }).click()
    // Where somebody asks whether it is meant.
    const sure = second.getByRole('alertdialog').or(second.getByRole('dialog')).getByRole('button', { name: 'Log out' })
    const gone = first.getByRole('button', { name: 'Log in' })
    await sure
      .or(second.getByRole('button', { name: 'Log in' }))
      .first()
      .waitFor()
    if (await sure.isVisible()) await sure.click()
    await gone.waitFor()
    await second.getByRole('button', { name: 'Log in' }).waitFor()
  })
})
