import { engines } from './all.ts'
import { parseRequest, type Request, usage } from './arguments.ts'
import type { EngineName } from './engine.ts'
import { EngineFailure } from './lib/failure.ts'
import { bringUp, environmentOf, look, takeDown } from './operate.ts'

const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const seconds = (since: number): string => `${((performance.now() - since) / 1_000).toFixed(1)} s`

async function up(name: EngineName, request: Request): Promise<void> {
  const began = performance.now()
  const { fresh, commitlogSync, jvm, ports } = request
  const how = await bringUp(name, { fresh, commitlogSync, jvm, port: ports[name] })
  const { setup, nodes } = await look(name)
  const where = nodes.map(({ spec }) => `${spec.address}:${spec.port}`).join(' ')
  const extra = name.startsWith('cassandra') ? `, commitlog_sync ${setup.commitlogSync}` : ''
  say(`${name.padEnd(10)} ${where}  ${seconds(began)}  ${engines[name].title}${extra}: ${how}`)
}

async function down(name: EngineName): Promise<void> {
  const began = performance.now()
  const count = await takeDown(name)
  if (count > 0) say(`${name.padEnd(10)} down  ${seconds(began)}`)
}

async function status(name: EngineName): Promise<boolean> {
  const { nodes, serves } = await look(name)
  const states = nodes.map((node) => {
    const { address, port } = node.spec
    const running = node.state === 'down' ? '' : ` (process ${node.pid}, ${node.memoryMiB.toFixed(0)} MiB)`
    return `${address}:${port} ${node.state === 'up' && !serves ? 'started' : node.state}${running}`
  })
  say(`${name.padEnd(10)} ${states.join(', ')}`)
  return serves
}

async function printEnvironment(names: readonly EngineName[]): Promise<void> {
  for (const [name, value] of Object.entries(await environmentOf(names))) say(`export ${name}='${value}'`)
}

/** All at once; every failure is told, and the others go on. */
async function each(names: readonly EngineName[], work: (name: EngineName) => Promise<void>): Promise<boolean> {
  const tell = (name: EngineName) => (error: unknown) => {
    if (!(error instanceof EngineFailure)) throw error
    process.stderr.write(`${name.padEnd(10)} FAILED  ${error.message}\n`)
    return false
  }
  const done = names.map((name) => work(name).then(() => true, tell(name)))
  return (await Promise.all(done)).every(Boolean)
}

async function main(): Promise<boolean> {
  const request = parseRequest(process.argv.slice(2))
  const { names, named } = request
  if (process.platform !== 'linux') throw new EngineFailure('Engines are run on Linux only.')
  switch (request.command) {
    case 'up':
      return each(names, (name) => up(name, request))
    case 'down':
      return each(names, down)
    case 'status': {
      const serving: boolean[] = []
      for (const name of names) serving.push(await status(name))
      return !named || serving.every(Boolean)
    }
    case 'env':
      await printEnvironment(names)
      return true
    case 'help':
      say(usage)
      return true
  }
}

// Whoever reads may stop reading: `… status | head -1`.
process.stdout.on('error', () => process.exit())

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  if (!(error instanceof EngineFailure)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
