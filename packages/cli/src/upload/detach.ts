import { usageError } from '../failure/command-error.js'
import { describeFailure } from '../failure/describe-failure.js'
import { escapedName } from '../output/checksum-name.js'
import { writeJson } from '../output/json-output.js'
import { remark } from '../output/remark.js'
import type { RunReporter } from '../output/run-reporter.js'
import { writeStandardOutput } from '../output/standard-output.js'
import { commandLine } from '../process/command-line.js'
import { Interrupted } from '../process/interruption.js'
import { openProgressView } from '../progress/open-progress-view.js'
import { serverFlags } from '../settings/server-flags.js'
import { notBegun } from './not-begun.js'
import type { UploadPlan } from './plan-upload.js'

/** `upload --detach`: sends what the server lacks of each source, prints the key and leaves; the server goes on. */
export async function detachAll(
  sources: readonly string[],
  plan: UploadPlan,
  reporter: RunReporter,
): Promise<number> {
  if (plan.session.isEmbedded) {
    const error = usageError(
      'There is no server that could go on: an embedded one ends with the command.',
      'Name a server with --server, or leave out --detach.',
    )
    return reporter.failedAll(sources, error)
  }
  let status = 0
  const queue = sources.values()
  for (const source of queue) {
    try {
      await detachSource(source, plan, sources.length > 1)
    } catch (error) {
      const failure = describeFailure(error, { source, operation: plan.flags.op })
      await reporter.failed(source, error, failure)
      status ||= failure.exitStatus
      if (error instanceof Interrupted) status = failure.exitStatus
      else if (!plan.flags.failFast) continue
      // Each source is told of, those too whose turn does not come.
      for (const left of queue) {
        if (error instanceof Interrupted) await reporter.failed(left, error, failure)
        else await reporter.left(left, notBegun(status, 'Run the command again with what is left.'))
      }
    }
  }
  return status
}

async function detachSource(source: string, plan: UploadPlan, isOneOfMany: boolean): Promise<void> {
  const { session, steps, runOptions, signal, flags } = plan
  const view = await openProgressView({ source }, flags)
  const options = { signal, onProgress: view.onProgress }
  try {
    await using identified = await session.cache.identify(source === '-' ? process.stdin : source, options)
    const opened = await session.cache.open(identified, steps[0]!.request, { ...runOptions, ...options })
    const report = await session.cache.upload(opened, options)
    view.clear()
    const { key, entry } = opened
    const { mark, text } = escapedName(source)
    if (flags.json) await writeJson(flags, 'result', { source, key, served: entry.served, ...report })
    else await writeStandardOutput(isOneOfMany ? `${mark}${key}  ${text}\n` : `${key}\n`)
    if (process.stderr.isTTY) {
      const command = commandLine(['get', key, ...serverFlags(flags)])
      await remark(`\`${command}\` waits for the result and fetches it.`, flags)
    }
  } finally {
    view.clear()
  }
}
