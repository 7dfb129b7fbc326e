import type { EntryRecord } from '../../ports/entry-store.js'

/** Whether an attempt is queued or runs, be it on a source that is still coming. */
export function isUnderWay({ phase }: EntryRecord): boolean {
  return phase.state === 'PROCESSING' || (phase.state === 'UPLOADING' && phase.isLive === true)
}
