import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillStore } from './browser/fill-store.ts'
import { openChat, say, shoot, World } from './browser/world.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
}, 120_000)
afterAll(() => world.stop())

const rows = (page: Page) => page.getByRole('navigation', { name: 'Conversations' })
const row = (page: Page, name: string) => rows(page).getByRole('link', { name })
const longName = 'Maximiliane Alexandra von Hohenstein-Wittgenstein zu Berleburg auf Schloss Adler'

/** ms after which something was painted; until the list is there nothing is. */
function firstPaint(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const [entry] = list.getEntriesByName('first-contentful-paint')
          if (entry) resolve(entry.startTime)
        }).observe({ type: 'paint', buffered: true })
      }),
  )
}

describe('the list of conversations', () => {
  it('shows who is there, writes, wrote last and how far it got; unread counts; it is in order', {
    timeout: 90_000,
  }, async () => {
    const anna = await world.register('anna_list', 'Anna')
    const bert = await world.register('bert_list', 'Bert Becker')
    const cleo = await world.register('cleo_list', longName)
    await openChat(anna, 'bert_list')
    await say(anna, 'Are you there?')
    await row(bert, 'Anna').getByText('1 unread message').waitFor({ state: 'attached' })
    await row(anna, 'Bert Becker').getByTitle('Delivered').waitFor()
    await row(anna, 'Bert Becker').getByText('online', { exact: true }).waitFor({ state: 'attached' })
    expect(await bert.title()).toBe('(1) Parley')
    await openChat(cleo, 'anna_list')
    await say(cleo, 'A long name needs a short line, whatever it says and however long it goes on saying it')
    await row(anna, longName).waitFor()
    expect(await rows(anna).getByRole('link').first().getAttribute('href')).toBe(
      await row(anna, longName).getAttribute('href'),
    )
    await anna.getByRole('textbox', { name: 'Message' }).fill('about to')
    await row(anna, 'Bert Becker').getByText('about to').waitFor()
    await shoot(anna, 'inbox')
    await anna.getByRole('textbox', { name: 'Message' }).fill('')
    await row(bert, 'Anna').click()
    await row(anna, 'Bert Becker').getByTitle('Seen').waitFor()
    await bert.getByRole('textbox', { name: 'Message' }).pressSequentially('yes')
    await row(anna, 'Bert Becker').getByText('typing…').waitFor()
  })

  it('pins, mutes, archives; the menu opens by keyboard and by mouse', { timeout: 90_000 }, async () => {
    const dora = await world.register('dora_list', 'Dora')
    await world.register('emil_list', 'Emil')
    await world.register('frida_list', 'Frida')
    for (const name of ['emil_list', 'frida_list']) {
      await openChat(dora, name)
      await say(dora, `Hello ${name}`)
    }
    const first = () => rows(dora).getByRole('link').first()
    await first().getByTitle('Frida').waitFor()
    await row(dora, 'Emil').focus()
    await dora.keyboard.press('Tab')
    await dora.keyboard.press('Enter')
    await dora.getByRole('menuitem', { name: 'Pin' }).press('Enter')
    await first().getByTitle('Emil').waitFor()
    await row(dora, 'Frida').click({ button: 'right' })
    await dora.getByRole('menuitem', { name: 'Mute', exact: true }).click()
    await row(dora, 'Frida').getByTitle('Muted').waitFor()
    await row(dora, 'Frida').click({ button: 'right' })
    await dora.getByRole('menuitem', { name: 'Archive' }).click()
    await row(dora, 'Frida').waitFor({ state: 'detached' })
    await dora.getByRole('button', { name: /Archived/ }).click()
    await row(dora, 'Frida').waitFor()
    await dora.getByRole('button', { name: 'Back' }).click()
    await row(dora, 'Emil').waitFor()
  })

  it('finds conversations, people and messages', { timeout: 60_000 }, async () => {
    const gus = await world.register('gus_list', 'Gus')
    await world.register('hanna_list', 'Hännä Ölmüller')
    await openChat(gus, 'hanna_list')
    await say(gus, 'The password of the wifi is marmalade')
    await gus.getByRole('log').getByTitle('Sent').or(gus.getByRole('log').getByTitle('Delivered')).waitFor()
    const search = gus.getByRole('textbox', { name: 'Search' })
    await search.fill('olmuller')
    await gus
      .getByRole('region', { name: 'Conversations' })
      .getByRole('link', { name: /Ölmüller/ })
      .waitFor()
    await search.fill('anna_li')
    await gus
      .getByRole('region', { name: 'People' })
      .getByRole('button', { name: /@anna_list/ })
      .waitFor()
    await search.fill('marmalade')
    const found = gus.getByRole('region', { name: 'Messages' }).getByRole('link')
    await found.getByText('marmalade').waitFor()
    await shoot(gus, 'search')
    await found.click()
    await gus.getByRole('log').getByText('marmalade').waitFor()
    expect(await search.inputValue()).toBe('')
  })

  it('makes a group by keyboard', { timeout: 60_000 }, async () => {
    const ivan = await world.register('ivan_list', 'Ivan')
    await ivan.getByRole('button', { name: 'New chat' }).first().press('Enter')
    await ivan.getByRole('button', { name: 'New group' }).press('Enter')
    await ivan.getByLabel('Title').fill('Hiking in the Alps')
    for (const name of ['anna_list', 'bert_list']) {
      await ivan.getByLabel('Username').fill(name)
      await ivan.getByRole('button', { name: `@${name}` }).press('Enter')
    }
    await shoot(ivan, 'new-group')
    await ivan.getByRole('button', { name: 'Create group of 3' }).press('Enter')
    await ivan.getByRole('heading', { name: 'Hiking in the Alps' }).waitFor()
    await row(ivan, 'Hiking in the Alps').waitFor()
  })

  it('is painted within a second with 500 conversations and 100,000 messages in the store, and moved through by keys', {
    timeout: 180_000,
  }, async () => {
    const page = await world.register('jack_list', 'Jack')
    await fillStore(page, { conversations: 500, messages: 200 })
    const paints: number[] = []
    for (let time = 0; time < 3; time++) {
      await page.goto('/')
      await rows(page).getByRole('link').first().waitFor()
      paints.push(await firstPaint(page))
      expect(await page.evaluate(() => document.querySelectorAll('[data-row]').length)).toBeLessThan(40)
    }
    console.log(`first paint of the list: ${paints.map((ms) => Math.round(ms)).join(', ')} ms`)
    expect(Math.max(...paints)).toBeLessThan(1000)
    await rows(page).getByRole('link').first().focus()
    await page.keyboard.press('End')
    await page.waitForFunction(() => document.activeElement?.closest('li')?.getAttribute('aria-posinset') === '500')
    await page.keyboard.press('ArrowUp')
    await page.waitForFunction(() => document.activeElement?.closest('li')?.getAttribute('aria-posinset') === '499')
    await page.keyboard.press('Home')
    await page.waitForFunction(() => document.activeElement?.closest('li')?.getAttribute('aria-posinset') === '1')
  })
})
