import { type EntryKey, isUnshared, ProtocolError, parseEntryKey } from '@opcache/protocol'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { SpaceId } from '../../ports/space.js'
import { type Caller, callerSpace } from '../caller.js'
import type { Engine } from '../engine.js'

/**
 * The entry under a key, where this caller can see it: in its private space or in the shared one of its namespace.
 *
 * @throws ProtocolError `entry-not-found`, alike for unknown, foreign, expired and malformed keys.
 */
export async function findEntry(engine: Engine, caller: Caller, keyText: string): Promise<EntryRecord> {
  const key = parseEntryKey(keyText)
  for (const space of key ? searchedSpaces(caller) : []) {
    const record = await engine.entries.get(space, key as EntryKey)
    if (record && !isExpired(engine, record) && isVisible(record, caller)) {
      return engine.watched.shared(record)
    }
  }
  throw unknownEntry()
}

/** Whether an entry is over. One that an attempt works on is until the attempt is stopped: whoever looks keeps it going. */
export function isExpired({ now }: Engine, { phase, expiresAt }: EntryRecord): boolean {
  return expiresAt <= now() && phase.state !== 'PROCESSING'
}

/** The spaces that a caller sees. */
export function searchedSpaces(caller: Caller): SpaceId[] {
  return [callerSpace(caller, false), callerSpace(caller, true)]
}

/** An unshared entry is its creator's, whatever the space it is in. */
export function isVisible(record: EntryRecord, caller: Caller): boolean {
  return !isUnshared(record.key) || record.creator === caller.user
}

export function unknownEntry(): ProtocolError {
  return new ProtocolError(
    'entry-not-found',
    'There is no entry under this key. It may have expired: open it again.',
  )
}
