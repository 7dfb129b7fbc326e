import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { loadBlake3 } from '@opcache/protocol'
import type { Clock, Drivers } from '../../ports/drivers.js'
import type { Durability } from '../../ports/durability.js'
import { EmbeddedBlobStore } from './blob-store.js'
import { EmbeddedBlocksInFlight } from './blocks-in-flight.js'
import { EmbeddedContentStore } from './content-store.js'
import { EmbeddedEntryStore } from './entry-store.js'
import { EmbeddedLedger } from './ledger.js'
import { EmbeddedNotifier } from './notifier.js'
import { EmbeddedOperationQueue } from './operation-queue.js'
import { prepareFolder } from './prepare-folder.js'
import { Processes } from './processes/processes.js'
import { openScratchFolder } from './processes/scratch-folder.js'
import { Records } from './records/records.js'
import { EmbeddedStreamStore } from './stream-store.js'
import { syncFolder } from './sync-folder.js'

/** Where embedded drivers keep what they keep. */
export interface EmbeddedDriversOptions {
  /** Everything is in this folder; it is made where it is not there. Several processes of one machine may share it. */
  folder: string
  /** @default 'process' */
  durability?: Durability
  /** @default Date.now */
  now?: Clock
}

/**
 * Drivers that need nothing but a folder on a local disk: records in LMDB, bytes in plain files.
 *
 * @throws Error when the folder cannot be used: it is a file, is not writable, or holds a store of another format.
 */
export async function openEmbeddedDrivers(options: EmbeddedDriversOptions): Promise<Drivers> {
  const { durability = 'process' } = options
  const layout = await prepareFolder(resolve(options.folder))
  const blake3 = await loadBlake3()
  const records = new Records(layout.records, durability)
  const processes = new Processes(records)
  try {
    if (durability === 'disk')
      for (const path of [layout.records, resolve(options.folder)]) await syncFolder(path)
    await processes.join()
    const scratchFolder = await openScratchFolder(layout.scratch, processes)
    const notifier = new EmbeddedNotifier(records, processes)
    const inFlight = new EmbeddedBlocksInFlight(records, processes)
    let closing: Promise<void> | undefined
    return {
      entries: new EmbeddedEntryStore(records),
      contents: new EmbeddedContentStore(records, processes.self.nonce),
      streams: new EmbeddedStreamStore(records, processes.self.nonce, blake3),
      blobs: new EmbeddedBlobStore(layout.blobs, durability),
      ledger: new EmbeddedLedger(records, processes.self.nonce),
      queue: new EmbeddedOperationQueue(records, processes.self, options.now ?? Date.now),
      notifier,
      inFlight,
      scratchFolder,
      isShared: () => processes.hasOthers(),
      close: () => {
        closing ??= close({ notifier, inFlight, processes, records, scratchFolder })
        return closing
      },
    }
  } catch (error) {
    await processes.leave().finally(() => records.close())
    throw error
  }
}

/** What is closed in the end. */
interface Opened {
  readonly notifier: EmbeddedNotifier
  readonly inFlight: EmbeddedBlocksInFlight
  readonly processes: Processes
  readonly records: Records
  readonly scratchFolder: string
}

async function close({ notifier, inFlight, processes, records, scratchFolder }: Opened): Promise<void> {
  notifier.close()
  inFlight.close()
  try {
    await rm(scratchFolder, { recursive: true, force: true })
    await processes.leave()
  } finally {
    await records.close()
  }
}
