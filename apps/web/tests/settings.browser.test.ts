import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appIsKept, openChat, password, phone, say, World } from './browser/world.ts'

const shots = process.env.PARLEY_SCREENSHOTS
if (shots) mkdirSync(shots, { recursive: true })
const shoot = (page: Page, name: string) => (shots ? page.screenshot({ path: join(shots, `${name}.png`) }) : undefined)

let world: World
beforeAll(async () => {
  world = await World.start()
}, 120_000)
afterAll(() => world.stop())

describe('settings', () => {
  it('a new name is seen by others; another device is logged out within a second', { timeout: 90_000 }, async () => {
    const anna = await world.register('anna', 'Anna')
    const bert = await world.register('bert', 'Bert')
    await openChat(bert, 'anna')
    await say(bert, 'Hello')
    const other = await (await world.newBrowser(phone, { colorScheme: 'dark' })).newPage()
    await other.goto('/login')
    await other.getByLabel('Username').fill('anna')
    await other.getByLabel('Password').fill(password)
    await other.getByRole('button', { name: 'Log in' }).click()
    await other.getByRole('heading', { name: 'Chats' }).waitFor()

    await anna.goto('/settings')
    await anna.getByLabel('Your name').fill('Anna Lindqvist')
    await anna.getByRole('button', { name: 'Save', exact: true }).click()
    await anna.getByRole('status').getByText('Saved').waitFor()
    await anna.getByRole('switch', { name: /read their messages/ }).press('Space')
    await shoot(anna, 'settings-desktop-light')
    await other.goto('/settings')
    await shoot(other, 'settings-phone-dark')
    await anna.reload()
    const shows = anna.getByRole('switch', { name: /read their messages/ })
    await expect.poll(() => shows.isChecked()).toBe(false)
    const devices = anna.getByRole('region', { name: 'Devices' })
    await devices.getByRole('button', { name: /^Log out:/ }).click()
    await other.getByRole('button', { name: 'Log in' }).waitFor()
    await devices.getByRole('button', { name: /^Log out:/ }).waitFor({ state: 'detached' })
  })
})

/** The page's service worker as the browser's push service speaks to it. */
async function pushTo(page: Page): Promise<{ push(payload: object): Promise<void>; session: CDPSession }> {
  const session = await page.context().newCDPSession(page)
  const registered = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const found = registrations.find(({ scopeURL, isDeleted }) => scopeURL.startsWith(world.url) && !isDeleted)
      if (found) resolve(found.registrationId)
    })
  })
  await session.send('ServiceWorker.enable')
  const registrationId = await registered
  const push = async (payload: object) => {
    const message = { origin: world.url, registrationId, data: JSON.stringify(payload) }
    await session.send('ServiceWorker.deliverPushMessage', message)
  }
  return { push, session }
}

describe('notifications of the browser', () => {
  it('are shown, replaced under their tag, and taken back', { timeout: 60_000 }, async () => {
    const context = await world.newBrowser(undefined, { permissions: ['notifications'] })
    const cleo = await world.register('cleo', 'Cleo', context)
    await appIsKept(cleo)
    const { push } = await pushTo(cleo)
    const shown = () =>
      cleo.evaluate(async () => {
        const worker = await navigator.serviceWorker.ready
        return (await worker.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }))
      })
    const one = {
      action: 'show',
      conversation: 'c1',
      tag: 't1',
      count: 1,
      badge: 1,
      title: 'Parley',
      body: 'New message',
    }
    await push(one)
    await expect.poll(shown).toEqual([{ title: 'Parley', body: 'New message', tag: 't1' }])
    await push({ ...one, count: 2, badge: 2, body: '2 new messages' })
    await push({ ...one, conversation: 'c2', tag: 't2', badge: 3 })
    await expect
      .poll(async () => (await shown()).map(({ body }) => body).sort())
      .toEqual(['2 new messages', 'New message'])
    await push({ ...one, action: 'withdraw', badge: 1 })
    await expect.poll(async () => (await shown()).map(({ tag }) => tag)).toEqual(['t2'])
  })
})
