import type { ProgressListener } from '@opcache/sdk'

/** Shows what one call is doing. */
export interface ProgressView {
  readonly onProgress: ProgressListener
  /** Takes everything off the screen; the next event brings it back. */
  clear(): void
}
