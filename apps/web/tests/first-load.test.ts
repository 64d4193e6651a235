import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, it } from 'vitest'

const app = join(import.meta.dirname, '..')
const dist = join(app, 'dist')

beforeAll(() => {
  execFileSync(process.execPath, [join(app, 'build.ts'), '--if-old', '--quiet'], { stdio: ['ignore', 2, 2] })
}, 120_000)

it('what a page loads before it shows the list is at most 150 KB of script, gzipped', () => {
  const page = readFileSync(join(dist, 'index.html'), 'utf8')
  const scripts = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map((match) => match[1] as string)
  expect(scripts.length).toBeGreaterThan(1)
  const sizes = scripts.map((path) => gzipSync(readFileSync(join(dist, path))).length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000)
})

it('nothing in the page is inline', () => {
  const page = readFileSync(join(dist, 'index.html'), 'utf8')
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=/)
})
