import type { ProgressListener, RunResult, Source } from '@opcache/sdk'
import { writeStandardOutput } from '../output/standard-output.js'
import type { UploadPlan } from './plan-upload.js'
import type { FailureContextDraft } from './run-steps.js'

/** Whether the output can be written while the source is still being read: what was written cannot be taken back. */
export function isFollowed({ flags, steps, destination }: UploadPlan): boolean {
  const isStreaming = steps.length === 1 && steps[0]!.document.streaming
  return flags.stream === true && isStreaming && destination.kind === 'stdout' && !process.stdout.isTTY
}

/** Runs one operation, and writes its output to stdout as it comes. */
export async function followOutput(
  source: string,
  { session, steps, runOptions, signal }: UploadPlan,
  context: FailureContextDraft,
  onProgress: ProgressListener,
): Promise<RunResult> {
  const { request } = steps[0]!
  context.operation = request.name
  const { output: _, stream: __, ...options } = runOptions
  const from: Source = source === '-' ? process.stdin : source
  const { output, done } = session.cache.follow(from, request, { ...options, signal, onProgress })
  const writing = (async () => {
    for await (const chunk of output as AsyncIterable<Uint8Array>) {
      await writeStandardOutput(chunk)
      context.writtenBytes = (context.writtenBytes ?? 0) + chunk.length
    }
  })()
  // Who reads no more ends the run, and is the reason why it ended.
  const [written, ran] = await Promise.allSettled([writing, done])
  if (written.status === 'rejected') throw written.reason
  if (ran.status === 'rejected') throw ran.reason
  context.writtenBytes = undefined
  return ran.value
}
