import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appIsKept, openChat, phone, say, World } from './browser/world.ts'

const shots = process.env.PARLEY_SCREENSHOTS
if (shots) mkdirSync(shots, { recursive: true })
const shoot = (page: Page, name: string) => (shots ? page.screenshot({ path: join(shots, `${name}.png`) }) : undefined)

let world: World
beforeAll(async () => {
  world = await World.start()
}, 120_000)
afterAll(() => world.stop())

/** A picture that looks like one: a sky over a hill. */
async function picture(): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="600"><defs><linearGradient id="a" x2="0" y2="1">
    <stop stop-color="#4f8fd8"/><stop offset="1" stop-color="#f3c98b"/></linearGradient></defs>
    <rect width="900" height="600" fill="url(#a)"/><circle cx="690" cy="170" r="60" fill="#fff3c4"/>
    <path d="M0 470 Q240 330 480 440 T900 380 V600 H0Z" fill="#2f5d50"/></svg>`
  return sharp(Buffer.from(svg)).jpeg().toBuffer()
}

async function attach(
  page: Page,
  kind: 'Photo or video' | 'File',
  file: { name: string; mimeType: string; buffer: Buffer },
) {
  await page.getByRole('button', { name: 'Attach' }).click()
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('menuitem', { name: kind }).click(),
  ])
  await chooser.setFiles(file)
}

describe('media', () => {
  it('pictures, files, a place and a voice message go both ways', { timeout: 120_000 }, async () => {
    const context = await world.newBrowser(undefined, { permissions: ['microphone', 'geolocation'] })
    await context.setGeolocation({ latitude: 52.52, longitude: 13.405 })
    const anna = await world.register('anna', 'Anna Lindqvist', context)
    const complaints: string[] = []
    anna.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    const bert = await world.register('bert', 'Bert', await world.newBrowser(phone, { colorScheme: 'dark' }))
    await openChat(anna, 'bert')
    await say(anna, 'Look at this')
    await attach(anna, 'Photo or video', { name: 'hill.jpg', mimeType: 'image/jpeg', buffer: await picture() })
    await bert.getByRole('link', { name: /Anna Lindqvist/ }).click()
    const shown = bert.getByRole('button', { name: /Open: hill.jpg/ })
    await shown.locator('img[src^="blob:"]').waitFor()
    await attach(anna, 'File', { name: 'minutes.txt', mimeType: 'text/plain', buffer: Buffer.from('what we said') })
    await bert.getByRole('button', { name: /Save: minutes.txt/ }).waitFor()
    await anna.getByRole('button', { name: 'Attach' }).click()
    await anna.getByRole('menuitem', { name: 'My location' }).click()
    await bert.getByText('52.52000, 13.40500').waitFor()
    await anna.getByRole('button', { name: 'Record a voice message' }).click()
    await anna.waitForTimeout(1500)
    await shoot(anna, 'recording-desktop')
    await anna.getByRole('button', { name: 'Stop and send' }).click()
    await bert.getByRole('slider', { name: 'Voice message' }).waitFor({ state: 'attached' })
    await bert.getByRole('button', { name: 'Play', exact: true }).click()
    await shoot(anna, 'media-desktop-light')
    await shoot(bert, 'media-phone-dark')
    await shown.scrollIntoViewIfNeeded()
    await shown.click()
    await bert.getByRole('dialog').getByRole('img', { name: 'hill.jpg' }).waitFor()
    await shoot(bert, 'lightbox-phone')
    await bert.keyboard.press('Escape')
    expect(complaints).toEqual([])
  })

  it('what was chosen without a network is sent when it is back, once', { timeout: 90_000 }, async () => {
    const cleo = await world.register('cleo', 'Cleo')
    const dora = await world.register('dora', 'Dora')
    await openChat(cleo, 'dora')
    await say(cleo, 'first')
    await appIsKept(cleo)
    await cleo.context().setOffline(true)
    await attach(cleo, 'Photo or video', { name: 'later.jpg', mimeType: 'image/jpeg', buffer: await picture() })
    await cleo.getByRole('progressbar', { name: /later.jpg/ }).waitFor()
    await cleo.context().setOffline(false)
    await dora.getByRole('link', { name: /Cleo/ }).click()
    await dora.getByRole('button', { name: /Open: later.jpg/ }).waitFor({ timeout: 40_000 })
    await cleo.getByRole('progressbar', { name: /later.jpg/ }).waitFor({ state: 'detached' })
    expect(await dora.getByRole('button', { name: /Open: later.jpg/ }).count()).toBe(1)
  })
})
