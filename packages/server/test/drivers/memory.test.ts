import { driversContract } from '../../src/contract/index.js'
import { openMemoryDrivers } from '../../src/drivers/memory/open-memory-drivers.js'

driversContract('memory', now => openMemoryDrivers({ now }))
