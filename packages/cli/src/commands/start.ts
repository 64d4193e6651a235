import { options, readConfig, runNode, type SettingsInput } from '@parley/server'
import { Command } from 'commander'
import { WebBuild } from '../web-build.ts'

/** `parley start`: a server, until it is told to stop. */
export function startCommand(): Command {
  const command = new Command('start').description('Start a server').option('--config <file>', 'JSON file with options')
  for (const { name, env, doc } of Object.values(options))
    command.option(`--${name} <value>`, `${doc} [${env.join(', ')}]`)
  return command.action(async (given: Record<string, string>) => {
    const { config, ...flags } = given
    const { settings, warnings } = readConfig({ flags: flags as SettingsInput, env: process.env, file: config })
    for (const warning of warnings) process.stderr.write(`Warning: ${warning}\n`)
    if (settings.rateLimits === 'off')
      process.stderr.write('Warning: rate limits and connection caps are off; for load tests only.\n')
    const loopback = ['127.0.0.1', '::1', 'localhost'].includes(settings.host)
    if (!loopback && settings.tlsCert === undefined) {
      process.stderr.write(
        `Warning: ${settings.host} is reachable from other machines, and passwords travel in the clear. Use --tls-cert and --tls-key, or a proxy with TLS.\n`,
      )
    }
    const crashAt = parseCrashAt(process.env.PARLEY_CRASH_AT)
    const web = settings.web === 'auto' ? new WebBuild() : undefined
    const node = await runNode(settings, { crashAt, webBuilding: () => web?.underWay ?? false })
    process.stdout.write(
      [
        `Parley is running at  ${node.url}`,
        `API documentation     ${node.url}/docs`,
        `Data in               ${node.storage}`,
        '',
        'Next: open it in a browser, or register yourself in another terminal with',
        `  npx parley register --server ${node.url}`,
        '',
      ].join('\n'),
    )
    const offer = await node.offerOperator()
    if (offer !== undefined) {
      process.stdout.write(
        [
          'Nobody operates this server yet. Whoever is logged in and opens this link first does (it is good once, for a day):',
          `  ${(settings.publicUrl ?? node.url).replace(/\/$/, '')}/admin/#claim=${offer}`,
          '',
          '',
        ].join('\n'),
      )
    }
    void web?.run((line) => process.stderr.write(line))
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
    })
    await node.close()
    process.exit(0)
  })
}

/** `name:N,name:N`: the process kills itself when it passes a named point the N-th time; for tests of promises. */
function parseCrashAt(text: string | undefined): Record<string, number> {
  const points = (text ?? '').split(',').filter((part) => part !== '')
  return Object.fromEntries(points.map((part) => [part.split(':')[0] ?? '', Number(part.split(':')[1] ?? 1)]))
}
