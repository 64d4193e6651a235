import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { password, phone, World } from './browser/world.ts'

let world: World
let anna: Page
const complaints: string[] = []

beforeAll(async () => {
  world = await World.start()
}, 120_000)
afterAll(() => world.stop())

/** Opens a user's page by its keyboard: search, Tab to the row, Enter. */
async function openUser(username: string): Promise<void> {
  await anna.goto('/admin/users')
  await anna.getByLabel('Search by username').fill(username)
  const row = anna.getByRole('link', { name: new RegExp(`@${username}`) })
  await row.waitFor()
  await expect.poll(() => anna.getByRole('main').getByRole('link').count()).toBe(1)
  await anna.getByLabel('Search by username').press('Tab')
  await anna.keyboard.press('Enter')
  await anna.getByRole('heading', { name: 'Actions' }).waitFor()
}

describe('the operator’s page', () => {
  it('O2: the link makes whoever registers with it the first operator; its token stays in no address', {
    timeout: 60_000,
  }, async () => {
    const context = await world.newBrowser()
    anna = await context.newPage()
    anna.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    await anna.goto(await world.operatorLink())
    await anna.getByRole('link', { name: 'Create account' }).click()
    await anna.getByLabel('Your name').fill('Anna Lindqvist')
    await anna.getByLabel('Username').fill('anna')
    await anna.getByLabel('Password').fill(password)
    await anna.getByRole('button', { name: 'Create account' }).click()
    await anna.getByRole('button', { name: 'Become the operator' }).click()
    await anna.getByText('Connected now').waitFor()
    expect(anna.url()).not.toContain('claim')
    await expect.poll(() => anna.getByText(/^Version /).count()).toBe(1)
  })

  it('O1: somebody else is told that they may not', { timeout: 60_000 }, async () => {
    const bert = await world.register('bert', 'Bert', await world.newBrowser(phone))
    await bert.goto('/admin')
    await bert.getByText('Only operators can see this').waitFor()
  })

  it('O4, O5: suspends with a reason and lets in again, resets a password that then opens; by keyboard', {
    timeout: 60_000,
  }, async () => {
    const bert = await world.register('bert2', 'Bert the Second', await world.newBrowser(phone))
    await openUser('bert2')
    await anna.getByText('Connected now').waitFor()
    await anna.getByRole('button', { name: 'Suspend' }).focus()
    await anna.keyboard.press('Enter')
    const dialog = anna.getByRole('dialog', { name: 'Suspend @bert2?' })
    await dialog.waitFor()
    await anna.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await anna.keyboard.press('Enter')
    await dialog.getByLabel('Reason').fill('Sends advertisements to everybody')
    await anna.keyboard.press('Enter')
    await anna.getByText(/Suspended since .*: Sends advertisements/).waitFor()
    await bert.getByRole('button', { name: 'Log in' }).waitFor()
    await bert.getByLabel('Password').fill(password)
    await bert.getByRole('button', { name: 'Log in' }).click()
    await bert.getByText(/suspended/i).waitFor()
    await anna.getByRole('button', { name: 'Let in again' }).click()
    await anna.getByRole('dialog').getByRole('button', { name: 'Let in again' }).click()
    await anna.getByRole('button', { name: 'Suspend' }).waitFor()
    await anna.getByRole('button', { name: 'Reset password' }).click()
    await anna.getByRole('dialog').getByRole('button', { name: 'Reset password' }).click()
    const made = await anna.getByRole('dialog', { name: 'New password' }).locator('code').textContent()
    await anna.getByRole('button', { name: 'Done' }).click()
    await bert.getByLabel('Password').fill(made ?? '')
    await bert.getByRole('button', { name: 'Log in' }).click()
    await bert.getByRole('heading', { name: 'Chats' }).waitFor()
  })

  it('O7, O8: deletes once the name is typed; all of it is in the log', { timeout: 60_000 }, async () => {
    await openUser('bert2')
    await anna.getByRole('button', { name: 'Delete account' }).click()
    const dialog = anna.getByRole('dialog')
    const remove = dialog.getByRole('button', { name: 'Delete account' })
    expect(await remove.isDisabled()).toBe(true)
    await dialog.getByLabel('Type bert2 to delete it').fill('bert2')
    await remove.click()
    await anna.getByRole('link', { name: /@bert\b/ }).waitFor()
    expect(await anna.getByText('@bert2').count()).toBe(0)
    await anna.getByRole('link', { name: 'Audit log' }).click()
    for (const line of ['deleted the account of @bert2', 'reset the password of @bert2', 'suspended @bert2'])
      await anna.getByText(`@anna ${line}`).waitFor()
    await anna.getByText('Sends advertisements to everybody').waitFor()
  })

  it('nothing is wider than a phone, in dark and German too, and the page complains of nothing', {
    timeout: 60_000,
  }, async () => {
    const long = 'A name of eighty letters that goes on and on until it is really as long as can be'.slice(0, 80)
    await world.register('somebody_with_a_very_long_username', long)
    const context = await world.newBrowser(phone, { colorScheme: 'dark', locale: 'de-DE' })
    const page = await context.newPage()
    await page.goto('/admin')
    await page.getByLabel('Benutzername').fill('anna')
    await page.getByLabel('Passwort').fill(password)
    await page.getByRole('button', { name: 'Anmelden' }).click()
    for (const place of ['Übersicht', 'Personen', 'Protokoll']) {
      await page.getByRole('link', { name: place }).click()
      await expect.poll(() => page.getByRole('status').count()).toBe(0)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(wide, place).toBeLessThanOrEqual(360)
    }
    expect(complaints.filter((line) => !line.includes('403'))).toEqual([])
  })
})
