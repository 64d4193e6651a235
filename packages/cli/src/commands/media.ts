import { readConfig, type SettingsInput, options as settings, tierMedia } from '@parley/server'
import { Command } from 'commander'

const megabytes = (bytes: number): string => `${(bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`

/** `parley media tier`: what nobody read for long, put away. */
export function mediaCommand(): Command {
  const tier = new Command('tier')
    .description('Move pictures and files that nobody read for so many days to the cold tier; the server is stopped')
    .option('--dry-run', 'only say what would move')
    .option('--json', 'answer in JSON')
  const given = [settings.data, settings.mediaColdAfter, settings.mediaColdConversations]
  for (const { name, doc } of given) tier.option(`--${name} <value>`, doc)
  tier.action(async ({ json, dryRun = false, ...flags }: SettingsInput & { json?: boolean; dryRun?: boolean }) => {
    const report = await tierMedia(readConfig({ flags, env: process.env }).settings, { dryRun })
    if (json) {
      process.stdout.write(`${JSON.stringify(report)}\n`)
      return
    }
    const { objects, bytes, stored } = report
    const what = `${objects.toLocaleString('en-US')} objects, ${megabytes(bytes)}`
    process.stdout.write(
      stored === undefined
        ? `Would move ${what} out of the hot tier.\n`
        : `Moved ${what}; they take ${megabytes(stored)} now, which saves ${megabytes(bytes - stored)}.\n`,
    )
  })
  return new Command('media').description('What the server keeps of pictures and files').addCommand(tier)
}
