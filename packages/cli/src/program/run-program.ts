import { CommanderError } from 'commander'
import { endProcess, writtenOut } from '../process/end-process.js'
import { createProgram } from './program.js'

/** Does what the command line asks for, and ends the process. */
export async function runProgram(): Promise<never> {
  // Whoever writes is told of failures there; a reader that left, as `head` does, is none for help.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  let status = 0
  const program = createProgram(of => {
    status = of
  })
  try {
    await program.parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) status = error.exitCode === 0 ? 0 : 2
    else {
      const { reportFailure } = await import('../failure/report-failure.js')
      status = await reportFailure(error, program.opts())
    }
  }
  await writtenOut(process.stdout)
  // Help is written by whoever does not look at what becomes of it.
  const failure = process.stdout.errored as NodeJS.ErrnoException | null
  if (failure && failure.code !== 'EPIPE' && status === 0) {
    const { reportFailure } = await import('../failure/report-failure.js')
    const { writeFailure } = await import('../output/standard-output.js')
    status = await reportFailure(writeFailure('Standard output', failure), {})
  }
  return endProcess(status)
}
