import type { EntryState } from './entry-document.js'

/** Whether an entry's state is an end: nothing more happens without another open. */
export function isTerminal(state: EntryState): boolean {
  return state === 'COMPLETE' || state === 'FAILED'
}
