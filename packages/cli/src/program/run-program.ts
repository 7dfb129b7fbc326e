import { CommanderError } from 'commander'
import { reportFailure } from '../failure/report-failure.js'
import { helpColumns } from '../help/layout.js'
import { writeFailure } from '../output/standard-output.js'
import { endProcess, writtenOut } from '../process/end-process.js'
import { createProgram, firstHelp } from './program.js'

/** Does what the command line asks for, and ends the process. */
export async function runProgram(version: string): Promise<never> {
  // Whoever writes is told of failures there; a reader that left, as `head` does, is none for help.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  if (process.argv.length <= 2) {
    process.stderr.write(firstHelp(helpColumns(process.stderr)))
    return endProcess(2)
  }
  let status = 0
  const onStatus = (of: number) => {
    status = of
  }
  const program = createProgram(version, onStatus, process.argv.slice(2))
  try {
    await program.parseAsync()
  } catch (error) {
    // Help that was shown: because it was asked for, or because a command was missing.
    if (error instanceof CommanderError) status = error.exitCode === 0 ? 0 : 2
    else status = await reportFailure(error, { ...program.opts(), ...jsonFlags() })
  }
  await writtenOut(process.stdout)
  return endProgram(status)
}

/** Ends the process. Help is written by whoever does not look at what becomes of it, so that is seen to here. */
export async function endProgram(
  status: number,
  failure: NodeJS.ErrnoException | null = process.stdout.errored,
): Promise<never> {
  const isSilent = status === 0 && failure !== null && failure.code !== 'EPIPE'
  return endProcess(isSilent ? await reportFailure(writeFailure('Standard output', failure), {}) : status)
}

/** What is wrong with the options may be found before these are read. */
function jsonFlags() {
  const jsonStream = process.argv.includes('--json-stream')
  return { json: jsonStream || process.argv.includes('--json'), jsonStream }
}
