import type { ProgressListener, ResultDocument } from '@opcache/sdk'
import type { NotedRun } from '../notes/noted-run.js'
import { writeToOpened } from '../output/deliver.js'
import { pathOfOutput } from '../output/output-path.js'
import type { FinishedRun } from '../output/run-reporter.js'
import { clockMs } from '../process/clock.js'
import type { ProgressView } from '../progress/progress-view.js'
import { followOutput, isFollowed } from './follow-output.js'
import type { UploadPlan } from './plan-upload.js'
import { type FailureContextDraft, runSteps } from './run-steps.js'

/** Brings the result of one source to where it is wanted. */
export async function runSource(
  source: string,
  plan: UploadPlan,
  context: FailureContextDraft,
  { view, note }: { view: ProgressView; note: NotedRun },
): Promise<FinishedRun> {
  const { steps, destination, claims, isExtensionAsked, signal } = plan
  const startedAt = clockMs()
  const onProgress: ProgressListener = event => {
    if (event.phase === 'asking') {
      context.key = event.key
      note.asked(event.key)
    }
    context.isProcessing = event.phase === 'processing'
    view.onProgress(event)
  }
  const { force = false } = plan.flags
  let twin: string | undefined
  const nameOutput = async (result: ResultDocument, key: string) => {
    context.key = key
    context.isResultCached = true
    const operation = steps.at(-1)!.request.name
    const path = pathOfOutput(result, key, { destination, source, operation, isExtensionAsked })
    if (path === undefined) return undefined
    context.output = path
    const isNamed = destination.kind === 'file'
    if (await claims.claim(path, { source, key, force, isNamed })) return path
    twin = path
    return undefined
  }
  try {
    if (isFollowed(plan)) {
      const result = await followOutput(source, plan, context, onProgress)
      note.done(result.key, '-')
      return { source, result, output: '-', durationMs: clockMs() - startedAt }
    }
    const result = await runSteps(source, plan, context, { onProgress, output: nameOutput })
    const output =
      result.path ??
      twin ??
      (await writeToOpened(result, {
        destination,
        signal,
        onProgress,
        beforeStandardOutput: () => view.clear(),
      }))
    note.done(result.key, output)
    return { source, result, output, durationMs: clockMs() - startedAt }
  } finally {
    view.clear()
  }
}
