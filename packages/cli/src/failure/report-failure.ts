import { ReaderGone, writeStandardOutput } from '../output/standard-output.js'
import type { GlobalOptions } from '../settings/settings.js'
import { describeFailure } from './describe-failure.js'
import { FailedCommand } from './failed-command.js'
import { failureDocument, failureLines, printStack } from './print-failure.js'

/** Tells what ended a command: two lines on stderr, or with `--json` an object on stdout. Answers the exit status. */
export async function reportFailure(error: unknown, { json }: GlobalOptions): Promise<number> {
  // Who closed the pipe has what they wanted.
  if (error instanceof ReaderGone) return 0
  const cause = error instanceof FailedCommand ? error.cause : error
  if (cause instanceof ReaderGone) return 0
  printStack(cause)
  const failure = error instanceof FailedCommand ? error.failure : describeFailure(error)
  if (json)
    await writeStandardOutput(`${JSON.stringify({ error: failureDocument(failure) })}\n`).catch(
      () => undefined,
    )
  else process.stderr.write(failureLines(failure))
  return failure.exitStatus
}
