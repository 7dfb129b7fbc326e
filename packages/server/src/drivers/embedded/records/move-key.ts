import type { RecordKey } from './keys.js'
import type { Table } from './tables.js'

/** Moves a record's place in an index. Undefined: it had no place there before, or has none after. */
export function moveKey(index: Table<1>, before: RecordKey | undefined, after: RecordKey | undefined): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return
  if (before) index.remove(before)
  if (after) index.put(after, 1)
}
