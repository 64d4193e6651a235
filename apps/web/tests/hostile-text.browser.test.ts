import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { World } from './browser/world.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
}, 120_000)
afterAll(() => world.stop())

const run = 'window.hit=1'
const tags = [
  'img',
  'svg',
  'body',
  'video',
  'audio',
  'iframe',
  'object',
  'embed',
  'input',
  'details',
  'marquee',
  'math',
  'select',
  'textarea',
]
const events = ['onerror', 'onload', 'onfocus', 'onmouseover', 'ontoggle', 'onbegin', 'onpageshow', 'oncut']
const schemes = [
  'javascript:',
  'JaVaScRiPt:',
  'java\tscript:',
  'data:text/html,',
  'vbscript:',
  ' javascript:',
  'blob:',
  'file:///',
]

/** More than two hundred texts that would run, load or mislead if they were anything but text. */
const hostile = [
  ...tags.flatMap((tag) => events.map((event) => `<${tag} src=x autofocus open ${event}="${run}">`)),
  ...schemes.flatMap((scheme) => [
    `${scheme}${run}`,
    `<a href="${scheme}${run}">x</a>`,
    `[x](${scheme}${run})`,
    `<form action="${scheme}${run}"><button>x</button></form>`,
  ]),
  ...[
    '"',
    "'",
    '`',
    '>',
    '-->',
    ']]>',
    '</textarea>',
    '</title>',
    '</style>',
    '</script>',
    '\u2028',
    '{{',
    '${',
  ].flatMap((end) => [
    `${end}<script>${run}</script>`,
    `${end}<img src=x onerror=${run}>`,
    `${end} autofocus onfocus=${run} x=`,
    `${end}{{constructor.constructor('${run}')()}}`,
  ]),
  ...[
    '<style>*{display:none}</style>',
    '<link rel=stylesheet href=//evil.example/x.css>',
    '<base href=//evil.example/>',
  ],
  ...[
    '<meta http-equiv=refresh content="0;url=//evil.example">',
    '<template><script>',
    '&lt;script&gt;',
    '%3Cscript%3E',
  ],
  ...['\u202egpj.exe', 'https://example.org/\u202egpj.exe', 'https://аpple.com/', 'https://apple.com@evil.example/'],
  ...['\u0000\u0007', 'a\u0301'.repeat(500), '\u200f\u202b\u2067'.repeat(50), '𒐫'.repeat(300), 'W'.repeat(4000)],
]

async function call<T>(path: string, body: object, token?: string, method = 'POST'): Promise<T> {
  const answer = await fetch(`${world.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}

describe('hostile text', () => {
  it('is text: nothing runs, loads, moves the page or leads where it does not say', { timeout: 120_000 }, async () => {
    expect(hostile.length).toBeGreaterThan(200)
    const anna = await world.register('anna', 'Anna')
    const complaints: string[] = []
    const foreign: string[] = []
    anna.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    anna.on('dialog', (dialog) => complaints.push(dialog.message()))
    anna.context().on('request', (request) => request.url().startsWith(world.url) || foreign.push(request.url()))
    const device = { name: 'x' }
    const name = `<img src=x onerror=${run}>\u202e"'`
    const account = { username: 'mallory', password: 'correct horse', displayName: name, device }
    const { token } = await call<{ token: string }>('/v1/accounts', account)
    const me = await anna.evaluate(() => document.title)
    expect(me).toContain('Parley')
    const found = await fetch(`${world.url}/v1/users?query=anna`, { headers: { authorization: `Bearer ${token}` } })
    const { items } = (await found.json()) as { items: { id: string }[] }
    const direct = await call<{ id: string }>(`/v1/direct/${items[0]?.id}`, {}, token, 'PUT')
    const group = await call<{ id: string }>(
      '/v1/conversations',
      { title: name.slice(0, 80), members: [items[0]?.id] },
      token,
    )
    for (const [index, text] of hostile.entries()) {
      const body = { clientMessageId: `h${index}`, content: { text } }
      await call(`/v1/conversations/${direct.id}/messages`, body, token)
    }
    await call(`/v1/conversations/${group.id}/messages`, { clientMessageId: 'g', content: { text: hostile[0] } }, token)
    await anna.goto(`/c/${direct.id}`)
    const log = anna.getByRole('log')
    await log.getByRole('article').first().waitFor()
    // All of them pass through the page.
    for (let at = hostile.length; at > 0; at -= 10) {
      await anna.goto(`/c/${direct.id}?at=${at}`)
      await log.getByRole('article').first().waitFor()
    }
    const links = await log.getByRole('link').evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href))
    expect(links.filter((href) => !/^https?:/.test(href) || /evil|xn--|%E2%80%AE/.test(href))).toEqual([])
    const wider = await anna.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect(wider).toBe(false)
    expect(await anna.evaluate(() => (window as { hit?: number }).hit)).toBeUndefined()
    expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] })
  })
})
