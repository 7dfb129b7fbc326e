import type { Blake3 } from '@opcache/protocol'
import type { OperationRegistry } from '../operations/registry.js'
import type { Clock, Drivers } from '../ports/drivers.js'
import type { EntryRecord } from '../ports/entry-store.js'
import type { Bell } from './bell.js'
import type { Arrivals } from './contents/arrivals.js'
import type { Holds } from './contents/holds.js'
import type { Verifications } from './contents/verifications.js'
import type { Limits } from './limits.js'
import type { RunningOutputs } from './outputs/running-outputs.js'
import type { ServerEvent } from './server-event.js'
import type { Admissions } from './upkeep/admissions.js'
import type { Room } from './upkeep/room.js'

/** What every rule of the engine works with. */
export interface Engine extends Omit<Drivers, 'close'> {
  readonly blake3: Blake3
  readonly operations: OperationRegistry
  readonly limits: Limits
  readonly now: Clock
  readonly verifications: Verifications
  readonly arrivals: Arrivals
  readonly holds: Holds
  readonly outputs: RunningOutputs
  readonly watched: EntryWatcher
  readonly live: LiveStarter
  readonly room: Room
  readonly admissions: Admissions
  /** Aborted when the server closes: waits end, nothing begins any more. */
  readonly closing: AbortSignal
  /** Aborted a while later: attempts that have not ended by then are handed back. */
  readonly handingBack: AbortSignal
  /** Told of what happens, for those who count. */
  observe(event: ServerEvent): void
  /** Told of what went wrong where nobody can be answered, or where the answer cannot say it. */
  report(error: unknown, what: string): void
}

/** Begins attempts on sources that are still coming. */
export interface LiveStarter {
  /**
   * Begins a live attempt of an entry that is UPLOADING, in this process, if its operation can work on a part of its
   * source, some source is named, and not too many run; otherwise changes nothing.
   */
  begin(engine: Engine, record: EntryRecord): Promise<void>
}

/** Looks at entries for all who wait for them in this process. */
export interface EntryWatcher {
  /** The entry of a record, until it is released. What is read of it from now on is no older than that record. */
  watch(engine: Engine, record: EntryRecord): { readonly entry: WatchedEntry; release(): void }
  /** The same record, as those hold it who wait for it: however many they are, they hold one. */
  shared(record: EntryRecord): EntryRecord
}

/** An entry that is waited for. */
export interface WatchedEntry {
  /** Rings when the entry may have changed, and when the server closes. */
  readonly changed: Bell
  /** As it stood when it was last read: after the last ring, or later. */
  record(): Promise<EntryRecord | undefined>
  /** The document of a record that {@link record} answered, as JSON. */
  document(record: EntryRecord): Promise<string>
}
