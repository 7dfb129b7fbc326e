import type { ProgressListener, RunOptions, RunResult, Source } from '@opcache/sdk'
import type { FailureContext } from '../failure/failure.js'
import { suggestParams } from '../operation/operation-request.js'
import type { UploadPlan } from './plan-upload.js'

/** Filled in while the work goes on. */
export type FailureContextDraft = { -readonly [key in keyof FailureContext]: FailureContext[key] }

/** Runs the operations one after the other, each on the result before it; answers the last result and all that was sent. */
export async function runSteps(
  source: string,
  { session, steps, runOptions, signal }: UploadPlan,
  context: FailureContextDraft,
  { onProgress, output }: { onProgress: ProgressListener; output: RunOptions['output'] },
): Promise<RunResult> {
  let from: Source = source === '-' ? process.stdin : source
  let first: RunResult | undefined
  for (const [index, { request, document }] of steps.entries()) {
    context.operation = request.name
    // A resource names the source of the first operation only, and only that has to be sent.
    const own = first === undefined ? runOptions : { ...runOptions, resource: undefined, stream: false }
    const isLast = index === steps.length - 1
    const options = { ...own, ...(isLast ? { output } : { leaveResult: true }) }
    const result: RunResult = await session.cache
      .run(from, request, { ...options, signal, onProgress })
      .catch(error => {
        const { code } = error as { code?: string }
        const isOfOperation = code === 'operation-failed' || code === 'invalid-params'
        context.step =
          isOfOperation && steps.length > 1 ? { number: index + 1, count: steps.length } : undefined
        context.suggestion = code === 'invalid-params' ? suggestParams(request.params, document) : undefined
        throw error
      })
    from = result
    if (first === undefined) first = result
    else
      Object.assign(result, {
        content: first.content,
        uploadedBytes: first.uploadedBytes,
        uploadedBlocks: first.uploadedBlocks,
      })
  }
  return from as RunResult
}
