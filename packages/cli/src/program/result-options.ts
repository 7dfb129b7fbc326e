import type { Command } from 'commander'
import { seconds } from './option-values.js'

/** The options of commands that wait for one entry and fetch its result. */
export function addResultOptions(command: Command): void {
  command
    .option(
      '-o, --output <path>',
      'file or folder for the result, - for standard output (the default in a pipe)',
    )
    .option('-f, --force', 'replace an output that exists')
    .option(
      '--timeout <seconds>',
      'how long to wait for the operation (default: as long as it takes)',
      seconds,
    )
}
