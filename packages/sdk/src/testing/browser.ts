import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { createViteServer } from 'vitest/node'
import type { createClient } from '../client.ts'
import type { indexedDbStore } from '../store/indexed-db-store.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const page = `<!doctype html><title>test</title><script type="module">
import { createClient } from '/src/index.ts'
import { indexedDbStore } from '/src/store/indexed-db-store.ts'
Object.assign(globalThis, { createClient, indexedDbStore })
</script>`

/** What the page's script sees. */
export interface PageGlobals {
  createClient: typeof createClient
  indexedDbStore: typeof indexedDbStore
}

/** Chromium, and a server of a page with the client library in it. */
export interface BrowserWorld {
  newPage(): Promise<Page>
  /** Waits for the library of a page that was loaded again. */
  ready(page: Page): Promise<void>
  url: string
  stop(): Promise<void>
}

/** `parley`: address of the server that the page finds at its own address, as behind a proxy. */
export async function startBrowser(parley: string): Promise<BrowserWorld> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'parley-browser-'))
  const modules = await createViteServer({
    configFile: false,
    root,
    cacheDir,
    logLevel: 'silent',
    appType: 'custom',
    optimizeDeps: { include: ['idb', 'zod', 'msgpackr'] },
    server: {
      port: 0,
      host: '127.0.0.1',
      hmr: false,
      ws: false,
      fs: { strict: false },
      proxy: { '/v1': { target: parley, ws: true } },
    },
    plugins: [
      {
        name: 'page',
        configureServer: ({ middlewares }) => {
          middlewares.use('/page', (_request, response) => {
            response.setHeader('content-type', 'text/html')
            response.end(page)
          })
        },
      },
    ],
  })
  await modules.listen()
  const address = modules.httpServer?.address() as AddressInfo | null
  const url = `http://127.0.0.1:${address?.port}`
  const ready = async (page: Page): Promise<void> => {
    await page.waitForFunction(() => 'indexedDbStore' in globalThis)
  }
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags })
  return {
    newPage: async () => {
      const page = await browser.newPage()
      await page.goto(`${url}/page`)
      await ready(page)
      return page
    },
    ready,
    url,
    stop: async () => {
      await browser.close()
      await modules.close()
      await rm(cacheDir, { recursive: true, force: true })
    },
  }
}
