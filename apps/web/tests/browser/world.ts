import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningNode, type SettingsInput, startNode } from '@parley/server'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const app = join(import.meta.dirname, '..', '..')

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
]

export const password = 'correct horse'
const desktop = { width: 1280, height: 800 }
export const phone = { width: 360, height: 740 }

/** A real server that serves the built app, and Chromium. */
export class World {
  readonly #settings
  readonly folder
  readonly browser
  #node: RunningNode
  readonly #contexts: BrowserContext[] = []

  private constructor(settings: SettingsInput, folder: string, node: RunningNode, browser: Browser) {
    this.#settings = settings
    this.folder = folder
    this.#node = node
    this.browser = browser
  }

  /** Builds the app first when its sources changed. */
  static async start({ web = () => 'auto' }: { web?: (folder: string) => string } = {}): Promise<World> {
    execFileSync(process.execPath, [join(app, 'build.ts'), '--if-old', '--quiet'], { stdio: ['ignore', 2, 2] })
    const folder = await mkdtemp(join(tmpdir(), 'parley-web-'))
    const settings = settingsOf(folder, web(folder))
    const node = await startNode({ ...settings, port: 0 })
    return new World(
      settings,
      folder,
      node,
      await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags }),
    )
  }

  get url(): string {
    return this.#node.url
  }

  /** A browser of somebody's own: nothing is shared with another one. What the page reports as an error is thrown. */
  async newBrowser(
    viewport = desktop,
    options: { colorScheme?: 'light' | 'dark'; locale?: string; permissions?: string[] } = {},
  ): Promise<BrowserContext> {
    const context = await this.browser.newContext({ viewport, baseURL: this.url, locale: 'en-GB', ...options })
    context.setDefaultTimeout(10_000)
    this.#contexts.push(context)
    return context
  }

  /** Registers somebody in a browser of their own and leaves the page at the inbox. */
  async register(username: string, displayName: string, context?: BrowserContext): Promise<Page> {
    const page = await (context ?? (await this.newBrowser())).newPage()
    await page.goto('/register')
    await page.getByLabel('Your name').fill(displayName)
    await page.getByLabel('Username').fill(username)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('heading', { name: 'Chats' }).waitFor()
    return page
  }

  /** The link that makes the first operator, as `npm start` prints it. */
  async operatorLink(): Promise<string> {
    return `/admin/#claim=${await this.#node.offerOperator()}`
  }

  /** Stops the server; `startAgain` starts it at the same address over the same data. */
  async stopServer(): Promise<void> {
    await this.#node.close()
  }

  async startAgain(): Promise<void> {
    const { port } = this.#node
    this.#node = await startNode({ ...this.#settings, port })
  }

  async stop(): Promise<void> {
    for (const context of this.#contexts) await context.close()
    await this.browser.close()
    await this.#node.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}

const settingsOf = (folder: string, web: string): SettingsInput => {
  return { data: join(folder, 'server'), logLevel: 'silent', rateLimits: 'off', web }
}

/** Opens the direct chat with a user, from the inbox. */
export async function openChat(page: Page, username: string): Promise<void> {
  await page.getByRole('button', { name: 'New chat' }).first().click()
  await page.getByRole('dialog').getByLabel('Username').fill(username)
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `@${username}` })
    .click()
  await page.getByRole('textbox', { name: 'Message' }).waitFor()
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text)
  await page.keyboard.press('Enter')
}

/** A picture, when somebody asked for them with `SHOTS=folder`. */
export async function shoot(page: Page, name: string): Promise<void> {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) })
}

/** The app comes from this browser from now on, and not from the server. */
export async function appIsKept(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
    while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 20))
  })
}
