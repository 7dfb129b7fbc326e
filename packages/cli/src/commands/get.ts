import type { CallOptions, Opcache } from '@opcache/sdk'
import { connect } from '../connection/connect.js'
import { describeFailure } from '../failure/describe-failure.js'
import { FailedCommand } from '../failure/failed-command.js'
import type { FailureContext } from '../failure/failure.js'
import { deliver } from '../output/deliver.js'
import { planDestination } from '../output/destination.js'
import { writeJson } from '../output/json-output.js'
import { remark } from '../output/remark.js'
import { sizeText } from '../output/size-text.js'
import { interruptionSignal } from '../process/interruption.js'
import { openProgressView } from '../progress/open-progress-view.js'
import { serverFlags } from '../settings/server-flags.js'
import { type GlobalOptions, loadSettings } from '../settings/settings.js'
import { parseKey } from './parse-key.js'

export interface GetFlags extends GlobalOptions {
  readonly output?: string
  readonly force?: boolean
  /** Seconds. */
  readonly timeout?: number
}

/** `opcache get`: waits for an entry and fetches its result. */
export function get(keyText: string, flags: GetFlags): Promise<void> {
  return fetchResult(keyText, flags, async () => undefined)
}

/** Does something with an entry first, then waits for it and fetches its result. */
export async function fetchResult(
  keyText: string,
  flags: GetFlags,
  begin: (cache: Opcache, key: string, options: CallOptions) => Promise<void>,
): Promise<void> {
  const key = parseKey(keyText)
  const { force = false, json = false, output, timeout } = flags
  const signal = interruptionSignal()
  const destination = await planDestination({
    output,
    results: 1,
    isPiped: !process.stdout.isTTY,
    isJson: json,
    force,
  })
  await using session = await connect(loadSettings(flags))
  if (!session.isEmbedded) await session.firstContact(signal)
  const context: { -readonly [name in keyof FailureContext]: FailureContext[name] } = {
    key,
    output: destination.kind === 'file' ? destination.path : undefined,
    isEmbedded: session.isEmbedded,
    serverFlags: serverFlags(flags),
  }
  const view = await openProgressView({ key }, flags)
  const { onProgress } = view
  try {
    const waitTimeoutMs = timeout === undefined ? undefined : timeout * 1000
    await begin(session.cache, key, { signal })
    const result = await session.cache.result(key, { signal, onProgress, waitTimeoutMs })
    context.isResultCached = true
    const path = await deliver(result, {
      destination,
      source: undefined,
      operation: '',
      force,
      signal,
      onProgress,
      beforeStandardOutput: () => view.clear(),
      onPath: named => {
        context.output = named
      },
    })
    view.clear()
    if (json) await writeJson(flags, 'result', { key, result: result.result, output: path })
    else if (path !== '-') {
      await remark(`${path} (${sizeText(result.result.size)}, ${result.result.type})`, flags)
    }
  } catch (error) {
    throw new FailedCommand(describeFailure(error, context), error)
  } finally {
    view.clear()
  }
}
