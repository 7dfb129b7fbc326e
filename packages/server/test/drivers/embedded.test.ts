import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { driversContract } from '../../src/contract/index.js'
import { openEmbeddedDrivers } from '../../src/drivers/embedded/open-embedded-drivers.js'

driversContract('embedded', async now => {
  const folder = await mkdtemp(join(tmpdir(), 'opcache-test-'))
  const drivers = await openEmbeddedDrivers({ folder, now })
  return {
    ...drivers,
    close: async () => {
      await drivers.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
})
