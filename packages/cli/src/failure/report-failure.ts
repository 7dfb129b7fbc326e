import { ReaderGone } from '../output/standard-output.js'
import type { GlobalOptions } from '../settings/settings.js'
import { describeFailure } from './describe-failure.js'
import { FailedCommand } from './failed-command.js'
import { tellFailure } from './tell-failure.js'

/** Tells what ended a command. Answers the exit status. */
export async function reportFailure(error: unknown, flags: GlobalOptions): Promise<number> {
  // Who closed the pipe has what they wanted.
  if (error instanceof ReaderGone) return 0
  const cause = error instanceof FailedCommand ? error.cause : error
  if (cause instanceof ReaderGone) return 0
  const failure = error instanceof FailedCommand ? error.failure : describeFailure(error)
  await tellFailure(cause, failure, flags).catch(() => undefined)
  return failure.exitStatus
}
