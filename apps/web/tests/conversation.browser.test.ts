import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChat, phone, say, World } from './browser/world.ts'

const shots = process.env.PARLEY_SCREENSHOTS
if (shots) mkdirSync(shots, { recursive: true })
const shoot = (page: Page, name: string) => (shots ? page.screenshot({ path: join(shots, `${name}.png`) }) : undefined)

let world: World
beforeAll(async () => {
  world = await World.start()
}, 120_000)
afterAll(() => world.stop())

/** Opens what can be done with a message by the keyboard, as the mouse is not the only way. */
async function actionsOf(page: Page, text: string): Promise<void> {
  const message = page.getByRole('log').getByRole('article').filter({ hasText: text }).first()
  await message.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menu', { name: 'Message actions' }).waitFor()
}
const choose = (page: Page, name: string) => page.getByRole('menuitem', { name, exact: true }).click()
const inLog = (page: Page, text: string) => page.getByRole('log').locator('span, i').getByText(text).first()

describe('a conversation', () => {
  it('reply, react, edit, star, pin, forward, delete; what one does the other sees', { timeout: 90_000 }, async () => {
    const anna = await world.register('anna', 'Anna Lindqvist')
    const complaints: string[] = []
    anna.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    const bert = await world.register('bert', 'Bert', await world.newBrowser(phone, { colorScheme: 'dark' }))
    await openChat(anna, 'bert')
    await say(anna, 'Shall we meet at https://example.org/cafe tomorrow?')
    await bert.getByRole('link', { name: /Anna Lindqvist/ }).click()
    await inLog(bert, 'Shall we meet').waitFor()
    expect(await bert.getByRole('link', { name: 'https://example.org/cafe' }).getAttribute('rel')).toContain('noopener')

    await actionsOf(bert, 'Shall we meet')
    await shoot(bert, 'message-menu-phone-dark')
    await choose(bert, 'Reply')
    await say(bert, 'Gladly, at noon.')
    await inLog(anna, 'Gladly, at noon.').waitFor()
    const answer = anna.getByRole('article').filter({ hasText: 'Gladly, at noon.' })
    await answer.getByRole('button', { name: /Shall we meet/ }).waitFor()

    await actionsOf(anna, 'Gladly')
    await anna.getByRole('menuitem', { name: 'React with ❤️' }).click()
    await bert.getByRole('button', { name: '❤️, 1 reaction' }).waitFor()

    await actionsOf(anna, 'Shall we meet')
    await choose(anna, 'Edit')
    const field = anna.getByRole('textbox', { name: 'Edit message' })
    await field.fill('Shall we meet on Friday?')
    await anna.keyboard.press('Enter')
    await inLog(bert, 'Shall we meet on Friday?').waitFor()
    await bert.getByRole('article').filter({ hasText: 'Friday' }).first().getByText('edited').waitFor()

    await actionsOf(anna, 'Friday')
    await choose(anna, 'Pin in the conversation')
    await bert.getByRole('button', { name: /Pinned message.*Friday/ }).waitFor()
    await actionsOf(anna, 'Gladly')
    await choose(anna, 'Star')
    await anna.getByRole('article').filter({ hasText: 'Gladly' }).getByTitle('Starred').waitFor()

    await say(anna, 'This was a mistake')
    await inLog(bert, 'This was a mistake').waitFor()
    await actionsOf(anna, 'This was a mistake')
    await choose(anna, 'Delete')
    await anna.getByRole('button', { name: 'Delete for everyone' }).click()
    await inLog(bert, 'Message deleted').waitFor()
    await shoot(anna, 'chat-desktop-light')
    await shoot(bert, 'chat-phone-dark')

    await actionsOf(anna, 'Friday')
    await choose(anna, 'Message info')
    await anna.getByRole('dialog').getByText('Seen by').waitFor()
    await anna.keyboard.press('Escape')
    await anna.getByRole('button', { name: /Bert.*Details/ }).click()
    await anna.getByRole('dialog').getByRole('button', { name: 'Starred messages' }).click()
    await anna
      .getByRole('dialog')
      .getByRole('button', { name: /Gladly/ })
      .waitFor()
    await anna.keyboard.press('Escape')
    expect(complaints).toEqual([])
  })

  it('a draft outlives a reload; emoji come from this server; typing is seen', { timeout: 60_000 }, async () => {
    const cleo = await world.register('cleo', 'Cleo')
    const dora = await world.register('dora', 'Dora')
    const foreign: string[] = []
    cleo.on('request', (request) => request.url().startsWith(world.url) || foreign.push(request.url()))
    await openChat(dora, 'cleo')
    await say(dora, 'Hello')
    await openChat(cleo, 'dora')
    await cleo.getByRole('textbox', { name: 'Message' }).pressSequentially('half a thought')
    await dora.getByText('is typing…').first().waitFor()
    await cleo.reload()
    expect(await cleo.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('half a thought')
    await cleo.getByRole('button', { name: 'Emoji' }).click()
    await cleo.getByRole('dialog').getByRole('searchbox').fill('grinning')
    await shoot(cleo, 'emoji-desktop')
    await cleo
      .getByRole('gridcell', { name: /grinning/i })
      .first()
      .click()
    await cleo.keyboard.press('Enter')
    await dora.getByRole('log').getByText('half a thought').waitFor()
    expect(foreign).toEqual([])
  })
})
