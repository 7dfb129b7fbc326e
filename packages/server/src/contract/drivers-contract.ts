import { access, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Clock, Drivers } from '../ports/drivers.js'
import { blobStoreContract } from './blob-store-contract.js'
import { blocksInFlightContract } from './blocks-in-flight-contract.js'
import { contentStoreContract } from './content-store-contract.js'
import { entryStoreContract } from './entry-store-contract.js'
import { ledgerContract } from './ledger-contract.js'
import { notifierContract } from './notifier-contract.js'
import { type OpenPort, withPort } from './opened.js'
import { operationQueueContract } from './operation-queue-contract.js'
import { streamStoreContract } from './stream-store-contract.js'

/** Everything that drivers of all ports must do. `open` gives new ones with nothing in them, for one case. */
export function driversContract(name: string, open: (now: Clock) => Promise<Drivers>): void {
  const openPort =
    <Port>(choose: (drivers: Drivers) => Port): OpenPort<Port> =>
    async now => {
      const drivers = await open(now)
      return { port: choose(drivers), close: () => drivers.close() }
    }
  const test = (title: string, use: (drivers: Drivers) => Promise<void>) =>
    it(title, () =>
      withPort(
        openPort(drivers => drivers),
        use,
      ),
    )

  entryStoreContract(
    name,
    openPort(drivers => drivers.entries),
  )
  contentStoreContract(
    name,
    openPort(drivers => drivers.contents),
  )
  streamStoreContract(
    name,
    openPort(drivers => drivers.streams),
  )
  blobStoreContract(
    name,
    openPort(drivers => drivers.blobs),
  )
  operationQueueContract(
    name,
    openPort(drivers => drivers.queue),
  )
  ledgerContract(
    name,
    openPort(drivers => drivers),
  )
  notifierContract(
    name,
    openPort(drivers => drivers.notifier),
  )
  blocksInFlightContract(
    name,
    openPort(drivers => drivers.inFlight),
  )

  describe(`${name} as drivers`, () => {
    test('has an empty scratch folder until it is closed', async drivers => {
      expect(await readdir(drivers.scratchFolder)).toEqual([])
      await writeFile(join(drivers.scratchFolder, 'file'), 'bytes')
      await drivers.close()
      await expect(access(drivers.scratchFolder)).rejects.toThrow()
    })

    test('closes once, however often it is asked', async drivers => {
      await Promise.all([drivers.close(), drivers.close()])
      await drivers.close()
    })
  })
}
