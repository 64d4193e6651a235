import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

/** `node scripts/make-icons.ts`: the web app's icons as pictures, from the drawing. They are in the repository. */
const folder = join(import.meta.dirname, '..', 'apps', 'web', 'public')
const drawing = readFileSync(join(folder, 'icon.svg'), 'utf8')

/** `inset`: the share of the side that systems may cut away around it (maskable icons); the ground goes to the edge. */
const icons = [
  { name: 'icon-192.png', size: 192, inset: 0 },
  { name: 'icon-512.png', size: 512, inset: 0 },
  { name: 'icon-maskable-512.png', size: 512, inset: 0.1 },
  { name: 'apple-touch-icon.png', size: 180, inset: 0.04 },
]

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
for (const { name, size, inset } of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  const side = size * (1 - 2 * inset)
  const ground = inset > 0 ? 'background:#4f46c8' : ''
  await page.setContent(
    `<style>*{margin:0}body{display:grid;place-items:center;height:100vh;${ground}}svg{width:${side}px;height:${side}px}</style>${drawing}`,
  )
  await page.screenshot({ path: join(folder, name), omitBackground: true })
  await page.close()
}
await browser.close()
