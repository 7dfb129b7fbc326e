import type { ContactOptions } from '../options.js'
import { ProgressReporter } from '../progress-reporter.js'

/** What all requests of one call share. */
export interface Call {
  readonly signal: AbortSignal | undefined
  readonly progress: ProgressReporter
  /** Whether it waits for a server that is out of reach. */
  readonly isPatient: boolean
}

/** The call that options describe. @throws the signal's reason when it was aborted already */
export function callOf({ signal, onProgress, isPatient = true }: ContactOptions): Call {
  signal?.throwIfAborted()
  return { signal, progress: new ProgressReporter(onProgress), isPatient }
}
