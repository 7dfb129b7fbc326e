import { hashSource } from '@opcache/sdk'
import { usageError } from '../failure/command-error.js'
import { describeFailure } from '../failure/describe-failure.js'
import { tellFailure } from '../failure/tell-failure.js'
import { escapedName } from '../output/checksum-name.js'
import { writeJson } from '../output/json-output.js'
import { ReaderGone, writeStandardOutput } from '../output/standard-output.js'
import { Interrupted, interruptionSignal } from '../process/interruption.js'
import { openProgressView } from '../progress/open-progress-view.js'
import type { GlobalOptions } from '../settings/settings.js'
import { checkHashes } from './check-hashes.js'

export interface HashFlags extends GlobalOptions {
  readonly check?: boolean
}

/** `opcache hash`: prints content ids. Answers the exit status: that of the first failure. */
export async function hash(sources: readonly string[], flags: HashFlags): Promise<number> {
  if (sources.filter(source => source === '-').length > 1) {
    throw usageError('Standard input (-) can be a source once only.', 'Leave the other - out.')
  }
  if (flags.check) return checkHashes(sources, flags)
  let status = 0
  for (const source of sources) {
    try {
      await hashOne(source, flags)
    } catch (error) {
      if (error instanceof ReaderGone) return status
      const failure = describeFailure(error, { source })
      await tellFailure(error, failure, flags, source)
      status ||= failure.exitStatus
      if (error instanceof Interrupted) return failure.exitStatus
    }
  }
  return status
}

async function hashOne(source: string, flags: GlobalOptions): Promise<void> {
  const view = await openProgressView({ source }, flags)
  const options = { signal: interruptionSignal(), onProgress: view.onProgress }
  const { id, size } = await hashSource(source === '-' ? process.stdin : source, options).finally(() =>
    view.clear(),
  )
  if (flags.json) await writeJson(flags, 'result', { source, id, size })
  else {
    const { mark, text } = escapedName(source)
    await writeStandardOutput(`${mark}${id}  ${text}\n`)
  }
}
