import type { ProgressListener } from '@opcache/sdk'

/** Shows what one call is doing. */
export interface ProgressView {
  readonly onProgress: ProgressListener
  /** Takes everything off the screen; the next event brings it back. */
  clear(): void
}

/** Where the views of all sources of a command are. */
export interface ProgressBoard {
  /** Opens the view of a source. */
  open(source: string): Promise<ProgressView>
  /** Writes a line to stderr, beside what is shown there. */
  readonly write: (text: string) => void
  /** Tells how many sources there will be, and how many at a time. */
  expect(sources: number, jobs: number): void
  /** Takes everything off the screen. */
  close(): void
}
