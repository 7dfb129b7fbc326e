import type { Command } from 'commander'
import { OperationSteps } from '../operation/operation-steps.js'
import { nonEmpty } from './option-values.js'

/** The options that decide under which key a result is found. */
export function addEntryOptions(command: Command, steps = new OperationSteps()): void {
  command
    .option('--op <name>', 'operation; required; `opcache ops` shows what there is')
    .option('-p, --param <name=value>', 'parameter of the operation; repeat for more', steps.addParam)
    .option('--salt <text>', 'keep a separate set of results', nonEmpty)
    .option('--private', 'confine source and result to your private space')
    .option('--resource <name@version>', 'name the source instead of its bytes: a hit does not even read it')
}

/** The option of commands that take a file for what it was when it was last read. */
export function addRehashOption(command: Command): void {
  command.option(
    '--rehash',
    'read large files again even where they seem unchanged since they were last read',
  )
}
