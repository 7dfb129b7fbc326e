import { hashSource } from '@opcache/sdk'
import { usageError } from '../failure/command-error.js'
import { describeFailure } from '../failure/describe-failure.js'
import { failureDocument, failureLines, printStack } from '../failure/print-failure.js'
import { printable } from '../failure/printable.js'
import { writeJson } from '../output/run-reporter.js'
import { ReaderGone, writeStandardOutput } from '../output/standard-output.js'
import { Interrupted, interruptionSignal } from '../process/interruption.js'
import { openProgressView } from '../progress/open-progress-view.js'
import type { GlobalOptions } from '../settings/settings.js'

/** `opcache hash`: prints content ids. Answers the exit status: that of the first failure. */
export async function hash(sources: readonly string[], flags: GlobalOptions): Promise<number> {
  if (sources.filter(source => source === '-').length > 1) {
    throw usageError('Standard input (-) can be a source once only.', 'Leave the other - out.')
  }
  let status = 0
  for (const source of sources) {
    try {
      await hashOne(source, flags)
    } catch (error) {
      if (error instanceof ReaderGone) return status
      printStack(error)
      const failure = describeFailure(error, { source })
      if (flags.json) await writeJson({ source, error: failureDocument(failure) })
      else process.stderr.write(failureLines(failure, source))
      status ||= failure.exitStatus
      if (error instanceof Interrupted) return failure.exitStatus
    }
  }
  return status
}

async function hashOne(source: string, { json, quiet }: GlobalOptions): Promise<void> {
  const view = await openProgressView(source === '-' ? 'stdin' : source, Boolean(quiet || json))
  const options = { signal: interruptionSignal(), onProgress: view.onProgress }
  const { id, size } = await hashSource(source === '-' ? process.stdin : source, options).finally(() =>
    view.clear(),
  )
  if (json) await writeJson({ source, id, size })
  else await writeStandardOutput(`${id}  ${printable(source)}\n`)
}
