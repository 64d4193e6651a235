import { appendFileSync, cpSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChat, say, shoot, World } from './browser/world.ts'

const dist = join(import.meta.dirname, '..', 'dist')

let world: World
beforeAll(async () => {
  // A copy that can become another version.
  world = await World.start({ web: (folder) => join(folder, 'web') })
  cpSync(dist, join(world.folder, 'web'), { recursive: true })
}, 120_000)
afterAll(() => world.stop())

const kept = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready
    while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 20))
  })

describe('without a network', () => {
  it('the app opens, shows everything, takes messages, and sends them once when the server is back', {
    timeout: 90_000,
  }, async () => {
    const anna = await world.register('anna_off', 'Anna')
    const bert = await world.register('bert_off', 'Bert')
    await openChat(anna, 'bert_off')
    await say(anna, 'Before the storm')
    await bert.getByRole('link', { name: /Anna/ }).click()
    await kept(anna)
    await world.stopServer()
    await anna.goto('/')
    await anna.getByRole('link', { name: /Bert/ }).click()
    await anna.getByRole('log').getByText('Before the storm').waitFor()
    await say(anna, 'Said without a network')
    await anna.getByRole('log').getByTitle('Waiting to be sent').waitFor()
    await anna.getByText('No connection. Messages are sent when it is back.').waitFor()
    await shoot(anna, 'offline')
    await anna.reload()
    await anna.getByRole('log').getByText('Said without a network').waitFor()
    expect(await anna.getByText('Nothing that was sent').count()).toBe(0)
    await world.startAgain()
    await bert.getByRole('log').getByText('Said without a network').waitFor({ timeout: 30_000 })
    await anna.getByRole('log').getByTitle('Waiting to be sent').waitFor({ state: 'detached', timeout: 30_000 })
    expect(await bert.getByRole('log').getByText('Said without a network').count()).toBe(1)
  })

  it('what is part of the app but was never opened opens too', { timeout: 60_000 }, async () => {
    const cleo = await world.register('cleo_off', 'Cleo')
    await kept(cleo)
    await cleo.context().setOffline(true)
    await cleo.goto('/settings')
    await cleo.getByRole('heading', { name: 'Settings' }).waitFor()
    await cleo.context().setOffline(false)
  })
})

describe('another version', () => {
  it('is told of, and taken by every tab when somebody says so', { timeout: 60_000 }, async () => {
    const context = await world.newBrowser()
    const first = await world.register('dora_off', 'Dora', context)
    await kept(first)
    const second = await context.newPage()
    await second.goto('/')
    await second.getByRole('heading', { name: 'Chats' }).waitFor()
    const folder = join(world.folder, 'web')
    for (const name of readdirSync(folder)) if (/^service-worker\.js\./.test(name)) rmSync(join(folder, name))
    appendFileSync(join(folder, 'service-worker.js'), '\n// Another version.\n')
    utimesSync(join(folder, 'index.html'), new Date(), new Date())
    await first.evaluate(async () => (await navigator.serviceWorker.ready).update())
    await first.getByText('A new version is there.').waitFor()
    const loads = [first, second].map((page) => page.waitForEvent('load'))
    await first.getByRole('button', { name: 'Load it' }).click()
    await Promise.all(loads)
    await second.getByRole('heading', { name: 'Chats' }).waitFor()
    expect(await first.getByText('A new version is there.').count()).toBe(0)
  })

  it('says what it is, so that it can be installed', async () => {
    const page = await (await world.newBrowser()).newPage()
    await page.goto('/')
    const session = await page.context().newCDPSession(page)
    const { errors } = await session.send('Page.getAppManifest')
    expect(errors).toEqual([])
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
    expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([])
  })
})
