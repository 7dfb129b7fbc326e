import type { EntryFlags } from '../commands/entry-flags.js'
import type { OperationStep } from '../operation/operation-steps.js'
import type { GlobalOptions } from '../settings/settings.js'

/** The options of `upload`, as they were typed. */
export interface UploadFlags extends GlobalOptions, EntryFlags {
  readonly output?: string
  readonly force?: boolean
  readonly recursive?: boolean
  /** Files at a time. */
  readonly jobs?: number
  readonly failFast?: boolean
  readonly unique?: boolean
  readonly refresh?: boolean
  readonly onlyIfCached?: boolean
  readonly explain?: boolean
  readonly detach?: boolean
  readonly watch?: boolean
  readonly stream?: boolean
  readonly rehash?: boolean
  /** Operations that follow, each on the result before it. */
  readonly then?: readonly OperationStep[]
  readonly cancel?: boolean
  /** Seconds. */
  readonly timeout?: number
}
