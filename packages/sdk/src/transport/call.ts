import type { CallOptions } from '../options.js'
import { ProgressReporter } from '../progress-reporter.js'

/** What all requests of one call share. */
export interface Call {
  readonly signal: AbortSignal | undefined
  readonly progress: ProgressReporter
}

/** The call that options describe. @throws the signal's reason when it was aborted already */
export function callOf(options: CallOptions): Call {
  options.signal?.throwIfAborted()
  return { signal: options.signal, progress: new ProgressReporter(options.onProgress) }
}
