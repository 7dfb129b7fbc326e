import type { ContentRecord } from '../../ports/content-store.js'
import type { StreamRecord } from '../../ports/stream-store.js'
import type { StoredContent, StoredStream, Tables } from './records/tables.js'

/** The trust that is current: what was stored in an earlier one may have lost bytes in an unclean stop. */
export function currentTrust({ trust }: Tables): number {
  return trust.get('current')?.trust ?? 0
}

/**
 * Begins another trust where the stop before was not clean: something that had the store open ended without closing it,
 * or the machine has started again since. Bytes are left to the operating system's write-back, so that after a power
 * cut also what a process had closed may be lost.
 */
export function renewTrust(tables: Tables, boot: string, hasUncleanEnd: boolean): void {
  const known = tables.trust.get('current')
  if (known?.boot === boot && !hasUncleanEnd) return
  tables.trust.put('current', { trust: (known?.trust ?? 0) + 1, boot })
}

/** A content as the engine sees it: one that is partial and of an earlier trust is in doubt. */
export function asContentRecord(tables: Tables, stored: StoredContent): ContentRecord {
  const { trust, ...record } = stored
  if (record.missingBlocks === 0) return record
  const current = currentTrust(tables)
  return trust < current ? { ...record, doubt: current } : record
}

/** A stream as the engine sees it: one that is open and of an earlier trust is in doubt. */
export function asStreamRecord(tables: Tables, stored: StoredStream): StreamRecord {
  const { trust, ...record } = stored
  if (record.phase.state !== 'OPEN') return record
  const current = currentTrust(tables)
  return trust < current ? { ...record, doubt: current } : record
}
