import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(content: string): string {
  const path = join(folder, 'parley.json')
  writeFileSync(path, content)
  return path
}

describe('configuration', () => {
  it('a flag comes before the environment, that before the file, that before the default', () => {
    const file = fileOf('{"port": 1003}')
    const env = { PARLEY_PORT: '1002', PORT: '1004' }
    const portOf = (sources: Partial<Parameters<typeof readConfig>[0]>) =>
      readConfig({ flags: {}, env: {}, ...sources }).settings.port
    expect(portOf({ flags: { port: 1001 }, env, file })).toBe(1001)
    expect(portOf({ env, file })).toBe(1002)
    expect(portOf({ env: { PORT: '1004' }, file })).toBe(1004)
    expect(portOf({ env: { PARLEY_PORT: '' }, file })).toBe(1003)
    expect(portOf({ env: { PARLEY_CONFIG: file } })).toBe(1003)
    expect(portOf({})).toBe(8080)
  })

  it('warns of what it does not know, in the environment and in the file', () => {
    const file = fileOf('{"prot": 1}')
    const { warnings } = readConfig({ flags: {}, env: { PARLEY_PROT: '1', PARLEY_HOME: '/x', OTHER: '1' }, file })
    expect(warnings).toEqual([expect.stringContaining('PARLEY_PROT'), expect.stringContaining('"prot"')])
  })

  it.each([
    [{ PARLEY_PORT: 'eighty' }, '--port'],
    [{ PARLEY_PORT: '65536' }, '--port'],
    [{ PARLEY_STORE: 'paper' }, '--store'],
    [{ PARLEY_ROLES: 'chat,cook' }, '"cook"'],
    [{ PARLEY_TLS_CERT: 'a.pem' }, 'go together'],
    [{ PARLEY_CONFIG: join(folder, 'missing.json') }, 'cannot be read'],
  ])('refuses %j and says what is wrong', (env, told) => {
    expect(() => readConfig({ flags: {}, env: env as Record<string, string> })).toThrow(told)
  })

  it.each(['[]', 'null', '{'])('refuses a file that holds %s', (content) => {
    expect(() => readConfig({ flags: {}, env: {}, file: fileOf(content) })).toThrow('is not a JSON object')
  })
})
