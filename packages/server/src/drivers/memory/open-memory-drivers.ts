import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadBlake3 } from '@opcache/protocol'
import type { Clock, Drivers } from '../../ports/drivers.js'
import { MemoryBlobStore } from './blob-store.js'
import { MemoryBlocksInFlight } from './blocks-in-flight.js'
import { MemoryContentStore } from './content-store.js'
import { MemoryEntryStore } from './entry-store.js'
import { MemoryLedger } from './ledger.js'
import { MemoryNotifier } from './notifier.js'
import { MemoryOperationQueue } from './operation-queue.js'
import { Reservations } from './reservations.js'
import { MemoryStreamStore } from './stream-store.js'

/** How memory drivers differ from their defaults. */
export interface MemoryDriversOptions {
  /** @default Date.now */
  now?: Clock
  /** Blocks of a part of the preferred size. @default 8 */
  partBlocks?: number
}

/** Drivers that forget everything with the process: for tests and for trying things out. */
export async function openMemoryDrivers(options: MemoryDriversOptions = {}): Promise<Drivers> {
  const scratchFolder = await mkdtemp(join(tmpdir(), 'opcache-'))
  const reservations = new Reservations()
  const contents = new MemoryContentStore(reservations)
  const streams = new MemoryStreamStore(await loadBlake3(), reservations)
  return {
    entries: new MemoryEntryStore(),
    contents,
    streams,
    ledger: new MemoryLedger(contents, streams, reservations),
    blobs: new MemoryBlobStore(options.partBlocks ?? 8),
    queue: new MemoryOperationQueue(options.now ?? Date.now),
    notifier: new MemoryNotifier(),
    inFlight: new MemoryBlocksInFlight(),
    scratchFolder,
    isShared: () => false,
    close: () => rm(scratchFolder, { recursive: true, force: true }),
  }
}
