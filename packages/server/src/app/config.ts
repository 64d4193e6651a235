import { readFileSync } from 'node:fs'
import { type OptionKey, options, type Settings, type SettingsInput } from './options.ts'
import { roleNames } from './roles.ts'

/** A setting that cannot be used, told with what to do. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ConfigError'
  }
}

export interface ConfigSources {
  flags: SettingsInput
  env: Readonly<Record<string, string | undefined>>
  /** A JSON file with option names as keys. */
  file?: string | undefined
}

export interface Config {
  settings: Settings
  /** Things that were given and are not understood, to be told at start. */
  warnings: string[]
}

const keys = Object.keys(options) as OptionKey[]

/** Environment variables of Parley that are no options. */
const otherVariables = new Set(['PARLEY_CONFIG', 'PARLEY_CRASH_AT', 'PARLEY_ENGINES', 'PARLEY_HOME', 'PARLEY_PASSWORD'])

/** Flag before environment before file before default. @throws ConfigError */
export function readConfig({ flags, env, file }: ConfigSources): Config {
  const path = file ?? env.PARLEY_CONFIG
  const fromFile = path === undefined ? {} : readConfigFile(path)
  const warnings: string[] = []
  const settings: Record<string, unknown> = {}
  for (const key of keys) {
    const { name, schema } = options[key]
    const given = flags[key] ?? fromEnv(key, env) ?? fromFile[name]
    const parsed = schema.safeParse(given)
    if (!parsed.success) {
      throw new ConfigError(
        `--${name}: ${parsed.error.issues[0]?.message ?? 'not valid'} (given: ${JSON.stringify(given)})`,
      )
    }
    settings[key] = parsed.data
  }
  const knownVariables = new Set([...otherVariables, ...keys.flatMap((key) => options[key].env)])
  for (const name of Object.keys(env)) {
    if (name.startsWith('PARLEY_') && !knownVariables.has(name)) warnings.push(`${name} is not a setting of Parley.`)
  }
  const knownNames = new Set(keys.map((key) => options[key].name))
  for (const name of Object.keys(fromFile)) {
    if (!knownNames.has(name)) warnings.push(`"${name}" in ${path} is not a setting of Parley.`)
  }
  const checked = settings as Settings
  if ((checked.tlsCert === undefined) !== (checked.tlsKey === undefined)) {
    throw new ConfigError('--tls-cert and --tls-key go together.')
  }
  const known: readonly string[] = ['all', ...roleNames]
  const unknownRole = checked.roles.find((role) => !known.includes(role))
  if (unknownRole !== undefined)
    throw new ConfigError(`--roles: there is no role "${unknownRole}"; use ${known.join(', ')}.`)
  return { settings: checked, warnings }
}

function fromEnv(key: OptionKey, env: ConfigSources['env']): string | undefined {
  for (const name of options[key].env) {
    const value = env[name]
    if (value !== undefined && value !== '') return value
  }
  return undefined
}

function readConfigFile(path: string): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError(`The configuration file cannot be read: ${(error as Error).message}`)
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw new ConfigError(`${path} is not a JSON object.`)
}
