import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChat, phone, say, World } from './browser/world.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
}, 120_000)
afterAll(() => world.stop())

/** What axe finds serious or worse, in a line each. */
async function findings(page: Page): Promise<string[]> {
  // Frames of the page's own origin only; the policy allows no script of others.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))
}

describe.each([
  ['light', undefined],
  ['dark', phone],
] as const)('accessibility, %s', (colorScheme, viewport) => {
  it('axe finds nothing serious on any page', { timeout: 120_000 }, async () => {
    const context = await world.newBrowser(viewport, { colorScheme })
    const page = await context.newPage()
    const names = [`ann_${colorScheme}`, `ben_${colorScheme}`] as const
    const found: Record<string, string[]> = {}
    const look = async (place: string) => {
      found[place] = await findings(page)
    }
    await page.goto('/login')
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    await look('log in')
    await page.goto('/register')
    await page.getByRole('button', { name: 'Create account' }).waitFor()
    await look('register')
    await page.close()
    const ann = await world.register(names[0], 'Anna Lindqvist', context)
    const ben = await world.register(names[1], 'Ben')
    const place = async (name: string) => {
      found[name] = await findings(ann)
    }
    await place('empty inbox')
    await openChat(ann, names[1])
    await say(ann, 'Hello Ben')
    await ben.getByRole('link', { name: /Anna/ }).click()
    await say(ben, 'Hello Anna, see https://example.org')
    await ann.getByRole('log').getByText('see').waitFor()
    await place('conversation')
    await ann.getByRole('log').getByRole('article').first().focus()
    await ann.keyboard.press('Enter')
    await ann.getByRole('menu').waitFor()
    await place('message menu')
    await ann.keyboard.press('Escape')
    await ann.getByRole('button', { name: /Ben.*Details/ }).click()
    await ann.getByRole('dialog').waitFor()
    await place('details')
    await ann.keyboard.press('Escape')
    await ann.goto('/settings')
    await ann.getByRole('region', { name: 'Devices' }).getByText('This device').waitFor()
    await place('settings')
    expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))).toEqual({})
  })
})
