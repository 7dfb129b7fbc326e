import type { Problem, ResultDocument } from '@opcache/protocol'
import type { EntryPhase, EntryRecord } from '../../ports/entry-store.js'

/** How an entry stands after its attempt failed. A refresh that failed leaves the earlier result as it was. */
export function failurePhase(record: EntryRecord, error: Problem): EntryPhase {
  const previous = previousResult(record)
  return previous ? { state: 'COMPLETE', result: previous, refreshError: error } : { state: 'FAILED', error }
}

/** The result that an attempt is to replace. */
export function previousResult({ phase }: EntryRecord): ResultDocument | undefined {
  return phase.state === 'PROCESSING' || phase.state === 'UPLOADING' ? phase.previous : undefined
}
