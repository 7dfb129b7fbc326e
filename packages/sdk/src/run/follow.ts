import { PassThrough, type Readable } from 'node:stream'
import { BLOCK_BYTES, loadBlake3 } from '@opcache/protocol'
import type { Client } from '../client.js'
import { OutputDivergedError } from '../errors/output-diverged-error.js'
import type { FollowOptions, OperationCall } from '../options.js'
import type { Source } from '../source/source.js'
import { callOf } from '../transport/call.js'
import { run } from './run.js'
import type { RunResult } from './run-result.js'

/** A run whose output can be read while its source is still being sent. */
export interface FollowedRun {
  /**
   * The result's bytes, as they are written. They are verified at the end only: it errors, and does not end, where they
   * are not those of the result. Read it: what is not read holds up `done`.
   */
  readonly output: Readable
  /** The result, once all of it was handed out and verified. */
  readonly done: Promise<RunResult>
}

/** Uploads a source while it is read, and hands out the output while it is written. */
export function follow(
  client: Client,
  source: Source,
  operation: OperationCall,
  options: FollowOptions,
): FollowedRun {
  const output = new PassThrough({ highWaterMark: BLOCK_BYTES })
  const done = followToEnd(client, source, operation, options, output)
  done.catch((error: Error) => output.destroy(error))
  return { output, done }
}

async function followToEnd(
  client: Client,
  source: Source,
  operation: OperationCall,
  options: FollowOptions,
  output: PassThrough,
): Promise<RunResult> {
  // Whichever fails first, of sending, following and reading, stops the others, and says why.
  const stop = new AbortController()
  output.once('close', () => stop.abort(output.errored ?? new Error('The output was closed before its end.')))
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  const stopAll = (error: unknown) => {
    stop.abort(error)
    throw signal.reason
  }
  const [{ FollowedOutput }, blake3] = await Promise.all([import('../beyond-hits.js'), loadBlake3()])
  let following: Promise<{ id: string; size: number }> | undefined
  const onOpened = (key: string) => {
    const followed = new FollowedOutput(client.connection, key, output, blake3)
    following = followed.follow(callOf({ signal })).catch(stopAll)
    following.catch(() => undefined)
  }
  const result = await run(client, source, operation, { ...options, stream: true, signal }, onOpened).catch(
    stopAll,
  )
  const identity = await following
  if (!identity || identity.id !== result.result.id) {
    throw new OutputDivergedError(result.key, identity?.size ?? 0)
  }
  output.end()
  return result
}
