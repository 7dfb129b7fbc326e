import { isRequestError, type Opcache } from '@opcache/sdk'
import type { FailureContext } from '../failure/failure.js'

/** How long a command that was stopped waits for the server. */
const CANCEL_MS = 5_000

/** Ends what runs for an entry and forgets it, as far as the server can be reached; says so in the context. */
export async function cancelEntry(
  cache: Opcache,
  context: { -readonly [name in keyof FailureContext]: FailureContext[name] },
): Promise<void> {
  const { key, isResultCached } = context
  // What is done is not cancelled, and what was never asked for needs it not.
  if (key === undefined || isResultCached) return
  try {
    await cache.delete(key, { signal: AbortSignal.timeout(CANCEL_MS) })
    context.isCancelled = true
  } catch (error) {
    context.isCancelled = isRequestError(error) && error.code === 'entry-not-found'
  }
}
