import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { engines } from './all.ts'
import type { Engine, EngineName, Place, Setup } from './engine.ts'
import { EngineNode } from './lib/engine-node.ts'
import { EngineFailure } from './lib/failure.ts'
import { engineFolders, makePassable } from './lib/folders.ts'
import { withLock } from './lib/lock.ts'

/** What somebody asks for when bringing an engine up; what is left out is the default. */
export interface Wish extends Partial<Setup> {
  /** Begins with empty data. */
  fresh?: boolean
}

export interface EngineStatus {
  name: EngineName
  /** Of the processes, in order. */
  nodes: EngineNode[]
  setup: Setup
  /** All nodes answer. */
  serves: boolean
}

function placeOf(name: EngineName): Place {
  const folders = engineFolders(process.env)
  return { ...folders, home: join(folders.state, name) }
}

const setupFile = ({ home }: Place): string => join(home, 'setup.json')

function readSetup(engine: Engine, place: Place): Setup {
  const standard: Setup = { port: engine.defaultPort, commitlogSync: 'batch', jvm: 'small' }
  try {
    return { ...standard, ...(JSON.parse(readFileSync(setupFile(place), 'utf8')) as Partial<Setup>) }
  } catch {
    return standard
  }
}

/** The nodes of an engine as it was last brought up: what fault tests stop, kill, freeze and start again. */
export function engineNodes(name: EngineName): EngineNode[] {
  const place = placeOf(name)
  const engine = engines[name]
  return engine.nodes(readSetup(engine, place), place).map((spec) => new EngineNode(spec, place.home))
}

export async function look(name: EngineName): Promise<EngineStatus> {
  const nodes = engineNodes(name)
  const answers = nodes.map(async (node) => node.state === 'up' && (await node.spec.answers()))
  const settled = await Promise.allSettled(answers)
  const serves = settled.every((answer) => answer.status === 'fulfilled' && answer.value)
  return { name, nodes, setup: readSetup(engines[name], placeOf(name)), serves }
}

/**
 * Until the engine serves; what runs already stays as it is. Tells how the engine is had, or that it was there.
 * @throws EngineFailure with what to do.
 */
export async function bringUp(name: EngineName, { fresh, ...wish }: Wish = {}): Promise<string> {
  const engine = engines[name]
  const place = placeOf(name)
  return withLock(join(place.state, 'locks'), name, async () => {
    const before = await look(name)
    if (before.nodes.some((node) => node.state !== 'down')) {
      refuseChange(name, before.setup, wish, fresh === true)
      if (before.serves) return 'was up already'
    } else {
      const how = await engine.provide(place)
      makePassable(place.state)
      if (fresh) rmSync(place.home, { recursive: true, force: true })
      makePassable(place.home)
      const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined))
      writeFileSync(setupFile(place), `${JSON.stringify(given)}\n`)
      await engine.arrange(readSetup(engine, place), place)
      await startAll(engine, place)
      return how
    }
    await startAll(engine, place)
    return 'was partly up'
  })
}

async function startAll(engine: Engine, place: Place): Promise<void> {
  await Promise.all(engineNodes(engine.name).map((node) => node.start()))
  await engine.settle?.(readSetup(engine, place), place)
}

const flags: Record<keyof Setup, string> = { port: '--port', commitlogSync: '--commitlog-sync', jvm: '--jvm' }

function refuseChange(name: EngineName, setup: Setup, wish: Partial<Setup>, fresh: boolean): void {
  const differing = (Object.keys(wish) as (keyof Setup)[]).filter(
    (key) => wish[key] !== undefined && wish[key] !== setup[key],
  )
  if (!fresh && differing.length === 0) return
  const what = fresh ? 'its data cannot be emptied' : `${differing.map((key) => flags[key]).join(', ')} cannot change`
  throw new EngineFailure(`${name} is running, so ${what}. First: npm run engines -- down ${name}`)
}

/** Ends the processes that stand in this engine's own records, and no other. Tells how many there were. */
export async function takeDown(name: EngineName): Promise<number> {
  const { state } = placeOf(name)
  return withLock(join(state, 'locks'), name, async () => {
    const running = engineNodes(name).filter((node) => node.state !== 'down')
    await Promise.all(running.map((node) => node.stop()))
    return running.length
  })
}

/** By which Parley and its tests find the engines named, of those that serve. */
export async function environmentOf(names: readonly EngineName[]): Promise<Record<string, string>> {
  const variables: Record<string, string> = {}
  for (const { name, serves, setup } of await Promise.all(names.map(look))) {
    // Where one node and an ensemble serve, the one node is meant unless the other was named first.
    if (serves) for (const [key, value] of Object.entries(engines[name].variables(setup))) variables[key] ??= value
  }
  return variables
}
