import type { Writable } from 'node:stream'
import { isProtocolError, type Params } from '@opcache/protocol'
import { discardBytes, type StoredBytes, storeBytes } from '../engine/contents/store-content.js'
import type { Engine } from '../engine/engine.js'
import { LinkedAbort } from '../engine/linked-abort.js'
import type { RunningOutput } from '../engine/outputs/running-output.js'
import { isApart, type OperationOutcome, type OperationProgress } from '../operations/operation.js'
import type { OfferedOperation } from '../operations/registry.js'
import { AttemptClock } from './attempt-clock.js'
import { AttemptFolder } from './attempt-folder.js'
import type { AttemptSource } from './attempt-source.js'
import { BoundedOutput } from './bounded-output.js'
import { checkedOutcome } from './checked-outcome.js'
import { boundsOf } from './isolated/attempt-bounds.js'
import { runIsolated } from './isolated/run-isolated.js'
import { NO_RESULT } from './no-result.js'

/** What one run of an operation works on. */
export interface RunRequest {
  readonly source: AttemptSource
  readonly params: Params
  readonly signal: AbortSignal
  /** Shows what the operation writes while it writes it. */
  readonly shown?: RunningOutput | undefined
  progress(progress: OperationProgress): void
  /** Adds to the attempt's log, as it comes. */
  appendLog(text: string): void
}

/**
 * Runs an operation and stores what it writes, under a name that nothing knows yet.
 *
 * @throws what the operation throws; then nothing stays.
 */
export async function runOperation(
  engine: Engine,
  { operation }: OfferedOperation,
  request: RunRequest,
): Promise<{ outcome: OperationOutcome; stored: StoredBytes }> {
  const bounds = boundsOf(engine, operation)
  const output = new BoundedOutput(bounds.outputBytes)
  const input = request.source
  const folder = new AttemptFolder(engine)
  const storing = storeBytes(engine, output, request.shown)
  const ending = new LinkedAbort(request.signal)
  const { signal } = ending
  // Operations may not look at the signal; without an output they are over all the same.
  signal.addEventListener('abort', () => void output.destroy(signal.reason), { once: true })
  const clock = new AttemptClock(bounds.timeoutMs, error => ending.abort(error))
  try {
    signal.throwIfAborted()
    const log = (line: string) => request.appendLog(`${line}\n`)
    const { limit: limitTime } = clock
    const context = { ...request, input, output, signal, bounds, folder: folder.make, log, limitTime }
    const running = isApart(operation)
      ? runIsolated(operation, context)
      : Promise.resolve(operation.run(context))
    // Whichever fails first says why; the other is ended by the output's end.
    const outcome = checkedOutcome(await Promise.race([running, storing.then(() => running)]))
    if (!output.hasResult) throw new Error(NO_RESULT)
    await endOutput(output)
    return { outcome, stored: await storing }
  } catch (error) {
    request.shown?.close()
    output.destroy(error as Error)
    const unstored: unknown = await storing.then(
      stored => discardBytes(engine, stored),
      reason => reason,
    )
    if (signal.aborted) throw signal.reason
    // Whose result could not be stored often knows no more than that it was ended.
    throw isProtocolError(unstored) ? unstored : error
  } finally {
    clock.stop()
    ending.release()
    await folder.remove()
  }
}

function endOutput(output: Writable): Promise<void> {
  if (output.writableEnded) return Promise.resolve()
  return new Promise((resolve, reject) => {
    output.once('error', reject)
    output.end(resolve)
  })
}
