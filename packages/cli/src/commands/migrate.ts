import {
  abandonMigration,
  copyMigration,
  type MigrateEvent,
  type MigrationReport,
  migrate,
  planMigration,
  readConfig,
  type Settings,
  options as settings,
  type Verified,
  verifyMigration,
} from '@parley/server'
import { Command } from 'commander'
import { UsageError } from '../failure.ts'

interface Flags {
  to?: string
  data?: string
  dryRun?: boolean
  verifyOnly?: boolean
  copyOnly?: boolean
  abandon?: boolean
  json?: boolean
}

/** `parley migrate`: from one process to a cluster, while it runs. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('Move a service from its data folder to the engines of a cluster, while it runs')
    .option('--to <config>', 'JSON file with the settings of the cluster’s nodes, or "env" for the environment')
    .option(`--${settings.data.name} <folder>`, settings.data.doc)
    .option('--dry-run', 'tell what would be moved; nothing is copied')
    .option('--copy-only', 'copy and compare, and stop before the server is left')
    .option('--verify-only', 'compare what was moved with what is here')
    .option('--abandon', 'let the server go on as if nothing had been begun')
    .option('--json', 'answer in JSON, one object a line')
    .action(async (flags: Flags) => {
      const data = readConfig({ flags: flags.data === undefined ? {} : { data: flags.data }, env: process.env })
        .settings.data
      const out = flags.json ? asJson : asText
      if (flags.abandon) {
        await abandonMigration(data)
        return out.done('abandoned')
      }
      const target = targetOf(flags.to)
      const tell = (event: MigrateEvent): void => out.event(event)
      if (flags.dryRun) return out.plan(await planMigration({ data, target }))
      if (flags.verifyOnly) {
        const verified = await verifyMigration({ data, target, tell })
        out.verified(verified)
        if (verified.some(({ open }) => open > 0)) process.exitCode = 1
        return
      }
      if (flags.copyOnly) return out.verified(await copyMigration({ data, target, tell }))
      const report = await migrate({ data, target, tell })
      if (report) out.report(report)
      else out.done('moved before')
    })
}

/** What the nodes there are started with. */
function targetOf(to: string | undefined): Settings {
  if (to === undefined) throw new UsageError('--to is needed: a JSON file with the cluster’s settings, or "env".')
  const { settings: target } =
    to === 'env' ? readConfig({ flags: {}, env: process.env }) : readConfig({ flags: {}, env: {}, file: to })
  // Whatever the environment says of this machine's own server.
  return { ...target, store: 'cluster' }
}

interface Output {
  event(event: MigrateEvent): void
  plan(plan: Awaited<ReturnType<typeof planMigration>>): void
  verified(verified: readonly Verified[]): void
  report(report: MigrationReport): void
  done(what: string): void
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const asJson: Output = {
  event: (event) => print(JSON.stringify(event)),
  plan: (plan) => print(JSON.stringify(plan)),
  verified: (verified) => print(JSON.stringify({ verified })),
  report: (report) => print(JSON.stringify({ report })),
  done: (what) => print(JSON.stringify({ done: what })),
}

const asText: Output = {
  event: (event) => {
    const line = describe(event)
    if (line !== undefined) print(line)
  },
  plan: ({ to, counts, state, nodes }) => {
    print(`to          ${to}`)
    for (const [name, count] of Object.entries(counts)) print(`${name.padEnd(14)} ${count}`)
    print({ empty: 'Nothing was begun yet.', begun: 'An earlier run left off there.', moved: 'It is moved.' }[state])
    print(nodes === 0 ? 'No node runs there yet.' : `${nodes} nodes run there.`)
  },
  verified: (verified) => print(table(verified)),
  report: ({ verified, verifiedFrozen, frozen }) => {
    print('\nCompared while the server went on:')
    print(table(verified))
    print('\nCompared when nothing was written any more, what had changed since:')
    print(table(verifiedFrozen))
    print(
      `\nWrites waited for ${Math.round(frozen)} ms. The data folder is the past from now on: its server passes everybody on to`,
    )
    print('the nodes until it is stopped. Let the name that clients use lead to the nodes, then stop it.')
  },
  done: (what) =>
    print(what === 'abandoned' ? 'The server goes on by itself.' : 'It was moved before; the nodes serve.'),
}

let last = 0

/** undefined: too much would be told. */
function describe(event: MigrateEvent): string | undefined {
  switch (event.step) {
    case 'copying': {
      const { kind, keysAre, keys, rows } = event.progress
      return seldom(`copying ${kind}: ${keys} ${keysAre}, ${rows} rows`)
    }
    case 'comparing': {
      const { kind, keysAre, keys, rows } = event.verified
      return seldom(`comparing ${kind}: ${keys} ${keysAre}, ${rows} rows`)
    }
    case 'catching up':
      return event.keys > 0 ? seldom(`catching up: ${event.keys} changes`) : undefined
    case 'waiting for nodes':
      return 'Everything is there. Now start the nodes of the cluster: they wait until clients may come.'
    case 'freeze over':
      return `not yet: ${event.reason} after ${Math.round(event.after)} ms; the server goes on, and it is tried again`
    case 'left':
      return `the server left its folder after ${Math.round(event.frozen)} ms`
    case 'open':
      return `open: ${event.to}`
  }
}

function seldom(line: string): string | undefined {
  const now = Date.now()
  if (now - last < 1000) return undefined
  last = now
  return line
}

function table(verified: readonly Verified[]): string {
  const rows = verified.map(({ kind, keysAre, keys, rows: count, source, target, open }) => {
    const alike = source === target ? 'alike    ' : 'DIFFERENT'
    const left = open > 0 ? `, ${open} changed meanwhile` : ''
    const hashes = source === target ? source : `${source} and ${target}`
    return `  ${kind.padEnd(9)} ${alike} ${String(count).padStart(10)} rows of ${keys} ${keysAre}${left}  ${hashes}`
  })
  return rows.join('\n')
}
