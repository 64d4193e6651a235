import { runBench } from '@parley/bench'
import { Command } from 'commander'

/** `parley bench`: the measurements of `npm run bench`, on this machine. */
export function benchCommand(): Command {
  return new Command('bench')
    .description('Measure this server on this machine, beside the limits; --help of it tells more')
    .argument('[args...]', 'works and options, e.g. W1 --quick')
    .helpOption(false)
    .allowUnknownOption()
    .action(async (args: string[]) => {
      process.exitCode = await runBench(args)
    })
}
