import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { driversContract } from '../../src/contract/index.js'
import { openEmbeddedDrivers } from '../../src/drivers/embedded/open-embedded-drivers.js'

for (const durability of ['process', 'disk'] as const) {
  driversContract(`embedded (${durability})`, async now => {
    const folder = await mkdtemp(join(tmpdir(), 'opcache-test-'))
    const drivers = await openEmbeddedDrivers({ folder, durability, now })
    return {
      ...drivers,
      close: async () => {
        await drivers.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  })
}
