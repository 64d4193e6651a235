import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', 'src')

/** What no room may import, besides what is nearer to the person than itself. */
const below: Record<string, string[]> = {
  words: [],
  client: [],
  design: ['words'],
}

const packages = new Set(['@parley/client', '@parley/client/indexed-db-store', '@parley/protocol'])

const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts'))
  .map((name) => {
    const path = name.split(sep).join('/')
    const text = readFileSync(join(root, name), 'utf8')
    const imports = [...text.matchAll(/(?:from|import\(|import)\s*'([^']+)'/g)].map((match) => match[1] as string)
    return { path, room: path.split('/')[0] as string, text, imports }
  })

const target = (path: string, specifier: string): string =>
  relative(root, join(root, dirname(path), specifier))
    .split(sep)
    .join('/')

describe('the web app', () => {
  it('is about real files', () => {
    expect(sources.length).toBeGreaterThan(40)
  })

  it('stands on the client library and the protocol only', () => {
    const wrong = sources.flatMap(({ path, imports }) =>
      imports
        .filter((name) => (name.startsWith('@parley/') && !packages.has(name)) || name.startsWith('node:'))
        .map((name) => `${path} imports ${name}`),
    )
    expect(wrong).toEqual([])
  })

  it('words, client and design know nothing of what is built of them', () => {
    const wrong = sources
      .filter(({ room }) => room in below)
      .flatMap(({ path, room, imports }) =>
        imports
          .filter((name) => name.startsWith('.'))
          .map((name) => target(path, name))
          .filter((to) => ![room, ...(below[room] ?? [])].includes((to.split('/')[0] as string).replace(/\.ts$/, '')))
          .map((to) => `${path} imports ${to}`),
      )
    expect(wrong).toEqual([])
  })

  it('renders text as text', () => {
    const wrong = sources.filter(({ text }) => /dangerouslySetInnerHTML|innerHTML|\beval\(/.test(text))
    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  it('no file is longer than 300 lines', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 301)
    expect(long.map(({ path }) => path)).toEqual([])
  })
})
