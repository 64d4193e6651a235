import { parseArgs } from 'node:util'
import { type EngineName, engineNames, type Setup } from './engine.ts'
import { EngineFailure } from './lib/failure.ts'

export const usage = `npm run engines -- up|down|status|env [names]

  up      installs what is missing, starts, waits until it serves; what runs already is left as it is
  down    ends what up started
  status  tells what runs; ends with 1 when something named does not
  env     prints variables by which Parley finds what runs: eval "$(npm run -s engines -- env)"

  names   ${engineNames.join(' ')}
          left out: up means postgres redis zookeeper cassandra mongodb s3 moto, the others mean all

  --fresh                               up: begins with empty data
  --port NAME=N                         up: port instead of its own one; may be given several times
  --commitlog-sync periodic|group|batch up: when Cassandra acknowledges a write. batch, the default: once on disk;
                                        group: the same, gathered for 2 ms; periodic: before, a crash loses seconds
  --jvm small|full                      up: Cassandra for tests, or for measuring (more memory, both compilers)
`

const commands = ['up', 'down', 'status', 'env', 'help'] as const
const usual: readonly EngineName[] = ['postgres', 'redis', 'zookeeper', 'cassandra', 'mongodb', 's3', 'moto']

export interface Request {
  command: (typeof commands)[number]
  names: readonly EngineName[]
  /** Engines were named, not meant by default. */
  named: boolean
  fresh: boolean
  ports: Partial<Record<EngineName, number>>
  commitlogSync: Setup['commitlogSync'] | undefined
  jvm: Setup['jvm'] | undefined
}

/** @throws EngineFailure that says what is wrong. */
export function parseRequest(args: readonly string[]): Request {
  const { values, positionals } = parse(args)
  const [command = 'help', ...given] = positionals
  const names = given.map((name) => oneOf('engine', engineNames, name))
  const known = values.help ? 'help' : oneOf('command', commands, command)
  return {
    command: known,
    names: names.length > 0 ? [...new Set(names)] : known === 'up' ? usual : engineNames,
    named: names.length > 0,
    fresh: values.fresh === true,
    ports: Object.fromEntries((values.port ?? []).map(parsePort)),
    commitlogSync: optional('--commitlog-sync', ['periodic', 'group', 'batch'], values['commitlog-sync']),
    jvm: optional('--jvm', ['small', 'full'], values.jvm),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        fresh: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        port: { type: 'string', multiple: true },
        'commitlog-sync': { type: 'string' },
        jvm: { type: 'string' },
      },
    })
  } catch (error) {
    throw new EngineFailure((error as Error).message)
  }
}

function parsePort(text: string): [EngineName, number] {
  const [name = '', digits = ''] = text.split('=')
  const port = Number(digits)
  // Some engines use the hundred ports above as well.
  if (!/^\d+$/.test(digits) || port < 1024 || port > 65_000) {
    throw new EngineFailure(`--port ${text}: say for example --port redis=16379`)
  }
  return [oneOf('engine', engineNames, name), port]
}

function oneOf<Choice extends string>(what: string, choices: readonly Choice[], text: string): Choice {
  const found = choices.find((choice) => choice === text)
  if (found === undefined) throw new EngineFailure(`There is no ${what} "${text}": ${choices.join(', ')}`)
  return found
}

function optional<Choice extends string>(what: string, choices: readonly Choice[], text?: string): Choice | undefined {
  return text === undefined ? undefined : oneOf(what, choices, text)
}
