import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineOperation, type Operation, OperationError, type OperationProgress } from '@opcache/server'

/** What one run of a scripted operation does. */
export interface ScriptedRun {
  /** The result, or how it is made of the source. @default the source itself */
  readonly result?:
    | Uint8Array
    | string
    | ((source: Buffer, params: Record<string, unknown>) => Uint8Array | string)
  /** Media type of the result. @default 'application/octet-stream' */
  readonly type?: string
  /** File name of the result. @default 'result' */
  readonly name?: string
  /** Told before the result is made. */
  readonly progress?: readonly OperationProgress[]
  /** Waits before the result is made: milliseconds, or a promise that the test resolves. */
  readonly wait?: number | Promise<unknown>
  /** Fails with this message in place of a result. */
  readonly failure?: string
  /** Whether the failure would happen again. @default false */
  readonly isDeterministic?: boolean
}

/**
 * An operation for tests: its first run does the first of `runs`, and so on; the last one is repeated.
 *
 * Its parameters may be anything.
 */
export function scriptedOperation(
  name: string,
  runs: readonly ScriptedRun[] = [{}],
  version = '1',
): Operation {
  let count = 0
  return defineOperation({
    name,
    version,
    summary: 'Does what a test says',
    params: { type: 'object' },
    streaming: false,
    run: async ({ input, output, params, progress, signal }) => {
      const run = runs[Math.min(count++, runs.length - 1)] ?? {}
      for (const told of run.progress ?? []) progress(told)
      await waitFor(run.wait, signal)
      if (run.failure !== undefined) {
        throw run.isDeterministic ? new OperationError(run.failure) : new Error(run.failure)
      }
      const source = await buffer(input.stream())
      const { result = source } = run
      output.end(typeof result === 'function' ? result(source, params as Record<string, unknown>) : result)
      return { type: run.type ?? 'application/octet-stream', name: run.name ?? 'result' }
    },
  })
}

async function waitFor(wait: ScriptedRun['wait'], signal: AbortSignal): Promise<void> {
  if (wait === undefined) return
  if (typeof wait === 'number') {
    await sleep(wait, undefined, { signal })
    return
  }
  await Promise.race([
    wait,
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
  ])
}
