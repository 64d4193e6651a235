import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import {
  checkEngines,
  checkPush,
  type EngineCheck,
  readConfig,
  type SettingsInput,
  options as settings,
  version,
} from '@parley/server'
import { Command } from 'commander'

type Finding = { check: string; state: 'good' | 'warning' | 'bad'; found: string; advice?: string }

/** `parley doctor`: looks at what a server needs, and says what to change. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description(
      'Check versions, port and clock; folder and disk of one process, engines of a cluster; the file of --push',
    )
    .option('--json', 'answer in JSON')
  for (const { name, doc } of [settings.data, settings.port, settings.host, settings.store, settings.push])
    command.option(`--${name} <value>`, doc)
  return command.action(async ({ json, ...flags }: SettingsInput & { json?: boolean }) => {
    const { settings: chosen, warnings } = readConfig({ flags, env: process.env })
    const engines = (await checkEngines(chosen)).map(toFinding)
    const onFolder = (): Finding[] => [checkFolder(chosen.data), checkSpace(chosen.data), checkFlush(chosen.data)]
    const findings: Finding[] = [
      checkVersions(),
      ...(engines.length > 0 ? engines : onFolder()),
      await checkPort(chosen.host, chosen.port),
      checkClock(),
      ...(await checkPush(chosen)).map((found): Finding => ({ check: 'push', ...found })),
      ...warnings.map((found): Finding => ({ check: 'settings', state: 'warning', found })),
    ]
    if (json) process.stdout.write(`${JSON.stringify(findings)}\n`)
    else for (const finding of findings) process.stdout.write(render(finding))
    if (findings.some((finding) => finding.state === 'bad')) process.exitCode = 1
  })
}

const marks = { good: 'ok  ', warning: 'look', bad: 'BAD ' }

function render({ check, state, found, advice }: Finding): string {
  return `${marks[state]}  ${check.padEnd(9)} ${found}${advice === undefined ? '' : `\n                ${advice}`}\n`
}

function toFinding(check: EngineCheck): Finding {
  if ('failure' in check) return { check: 'engine', state: 'bad', found: `${check.engine}: ${check.failure}` }
  const { engine, version, latency, clockSkew, settings, advice } = check.report
  const told = [
    `${engine}, version ${version}`,
    Number.isNaN(latency) ? 'does not answer' : `answers in ${latency.toFixed(1)} ms`,
    ...(clockSkew === undefined ? [] : [`clock ${clockSkew < 0 ? '' : '+'}${clockSkew} ms`]),
    ...Object.entries(settings).map(([name, value]) => `${name} ${value}`),
  ]
  const state = Number.isNaN(latency) ? 'bad' : advice.length > 0 ? 'warning' : 'good'
  return {
    check: 'engine',
    state,
    found: told.join(', '),
    ...(advice.length > 0 ? { advice: advice.join('\n                ') } : {}),
  }
}

function checkVersions(): Finding {
  return { check: 'versions', state: 'good', found: `Parley ${version}, Node ${process.version}` }
}

/** The nearest folder that exists. */
function existing(path: string): string {
  let folder = resolve(path)
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}

function checkFolder(data: string): Finding {
  const folder = existing(data)
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    return {
      check: 'folder',
      state: 'bad',
      found: `${folder} cannot be written`,
      advice: 'Choose another with --data, or change its owner.',
    }
  }
  const made = existsSync(join(data, 'parley.db'))
  return { check: 'folder', state: 'good', found: `${resolve(data)} (${made ? 'holds data' : 'will be made'})` }
}

function checkSpace(data: string): Finding {
  const { bavail, bsize } = statfsSync(existing(data))
  const gigabytes = (bavail * bsize) / 1e9
  const found = `${gigabytes.toFixed(1)} GB free`
  if (gigabytes >= 1) return { check: 'space', state: 'good', found }
  return {
    check: 'space',
    state: 'warning',
    found,
    advice: 'When the disk is full nothing is accepted until there is space again.',
  }
}

/** A message is answered after a flush, so the median of some is what a lone sender waits for. */
function checkFlush(data: string): Finding {
  const folder = mkdtempSync(join(existing(data), '.parley-doctor-'))
  try {
    const file = openSync(join(folder, 'flush'), 'w')
    const times: number[] = []
    for (let i = 0; i < 50; i++) {
      writeSync(file, Buffer.alloc(4096))
      const started = performance.now()
      fsyncSync(file)
      times.push(performance.now() - started)
    }
    closeSync(file)
    const median = times.sort((a, b) => a - b)[25] as number
    const found = `a flush to disk takes ${median.toFixed(2)} ms`
    if (median < 0.03)
      return {
        check: 'disk',
        state: 'warning',
        found,
        advice: 'That is too fast for a disk: a power cut may lose what was flushed.',
      }
    if (median > 20)
      return {
        check: 'disk',
        state: 'warning',
        found,
        advice: 'Slow: senders wait for it. Use a faster disk for --data.',
      }
    return { check: 'disk', state: 'good', found }
  } catch (error) {
    return {
      check: 'disk',
      state: 'bad',
      found: (error as Error).message,
      advice: 'The data folder must be on a disk that can be written.',
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function checkPort(host: string, port: number): Promise<Finding> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      const advice = taken
        ? 'Something listens there already (perhaps Parley itself). Choose another with --port.'
        : 'Choose another with --host.'
      done({ check: 'port', state: taken ? 'warning' : 'bad', found: `${host}:${port}: ${error.message}`, advice })
    })
    server.listen(port, host, () =>
      server.close(() => done({ check: 'port', state: 'good', found: `${host}:${port} is free` })),
    )
  })
}

function checkClock(): Finding {
  const now = new Date()
  const found = now.toISOString()
  if (now.getUTCFullYear() >= 2026) return { check: 'clock', state: 'good', found }
  return { check: 'clock', state: 'bad', found, advice: 'The clock is wrong; ids and times of messages come from it.' }
}
