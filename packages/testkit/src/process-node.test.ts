import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProcessNode } from './process-node.ts'

/** Prints where it is, is ready after a moment, leaves on SIGTERM with code 7, and counts its starts in its data. */
const server = `
const { createServer } = require('node:http')
const { appendFileSync, readFileSync } = require('node:fs')
const option = (name) => process.argv[process.argv.indexOf(name) + 1]
const file = option('--data') + '/starts'
appendFileSync(file, 'x')
if (process.env.BROKEN) { console.error('no such disk'); process.exit(1) }
const readyAt = Date.now() + 100
const server = createServer((request, response) => {
  response.statusCode = request.url === '/readyz' && Date.now() < readyAt ? 503 : 200
  response.end(readFileSync(file))
})
server.listen(Number(option('--port')), option('--host'), () => {
  console.log('Listening on http://127.0.0.1:' + server.address().port + '/ as ' + process.env.NAME)
})
process.on('SIGTERM', () => process.exit(7))
`

let folder: string
let node: ProcessNode | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-node-'))
  writeFileSync(join(folder, 'server.cjs'), server)
})

afterEach(async () => {
  await node?.close()
  rmSync(folder, { recursive: true })
})

const options = () => ({ data: folder, command: [join(folder, 'server.cjs')] })
const starts = async () => (await (await fetch(`${node!.url}/`)).text()).length

describe('ProcessNode', () => {
  it('is ready when start resolves', async () => {
    node = await ProcessNode.start({ ...options(), env: { NAME: 'first' } })
    expect(node.port).toBeGreaterThan(0)
    expect((await fetch(`${node.url}/readyz`)).status).toBe(200)
    expect(node.output).toContain('as first')
  })

  it('hears nothing of what is said to the tests', async () => {
    const before = { ...process.env }
    Object.assign(process.env, { PARLEY_SEED: '1', PARLEY_SEEDS: '2', PARLEY_KILLS: '3', NAME: 'from outside' })
    try {
      writeFileSync(
        join(folder, 'server.cjs'),
        `console.log('told ' + Object.keys(process.env).filter((name) => /PARLEY_(SEEDS?|KILLS)$/.test(name)));${server}`,
      )
      node = await ProcessNode.start(options())
      expect(node.output).toMatch(/^told $/m)
      expect(node.output).toContain('as from outside')
    } finally {
      process.env = before
    }
  })

  it('is killed without a chance to clean up, and starts again on the same port and data', async () => {
    node = await ProcessNode.start(options())
    const { url } = node
    await node.kill9()
    expect(await node.exited()).toEqual({ code: null, signal: 'SIGKILL' })
    expect(node.running).toBe(false)
    await node.start({ NAME: 'second' })
    expect(node.url).toBe(url)
    expect(await starts()).toBe(2)
    expect(node.output).toContain('as second')
  })

  it('is asked to leave', async () => {
    node = await ProcessNode.start(options())
    expect(await node.sigterm()).toEqual({ code: 7, signal: null })
  })

  it('is stopped and goes on', async () => {
    node = await ProcessNode.start(options())
    node.stop()
    const answer = fetch(`${node.url}/`, { signal: AbortSignal.timeout(150) })
    await expect(answer).rejects.toThrow()
    node.cont()
    expect(await starts()).toBe(1)
  })

  it('says what it printed when it does not start', async () => {
    await expect(ProcessNode.start({ ...options(), env: { BROKEN: '1' } })).rejects.toThrow('no such disk')
  })
})
