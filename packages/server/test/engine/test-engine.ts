import { loadBlake3 } from '@opcache/protocol'
import { onTestFinished } from 'vitest'
import { openMemoryDrivers } from '../../src/drivers/memory/open-memory-drivers.js'
import { Arrivals } from '../../src/engine/contents/arrivals.js'
import { Holds } from '../../src/engine/contents/holds.js'
import { contentExpiry } from '../../src/engine/contents/use-content.js'
import { Verifications } from '../../src/engine/contents/verifications.js'
import type { Engine } from '../../src/engine/engine.js'
import { WatchedEntries } from '../../src/engine/entries/watched-entries.js'
import { DEFAULT_LIMITS } from '../../src/engine/limits.js'
import { RunningOutputs } from '../../src/engine/outputs/running-outputs.js'
import { Admissions } from '../../src/engine/upkeep/admissions.js'
import { Room } from '../../src/engine/upkeep/room.js'
import { LiveAttempts } from '../../src/execution/live/live-attempts.js'
import { BUILTIN_OPERATIONS } from '../../src/operations/builtin.js'
import { OperationRegistry } from '../../src/operations/registry.js'

/** An engine on memory drivers, without a worker, whose clock a test turns by `time.now`. */
export async function startEngine(): Promise<{ engine: Engine; time: { now: number } }> {
  const time = { now: Date.now() }
  const now = () => time.now
  const { close, ...drivers } = await openMemoryDrivers({ now })
  onTestFinished(close)
  const report = (error: unknown) => {
    throw error
  }
  const limits = DEFAULT_LIMITS
  const expiry = () => contentExpiry({ limits, now })
  const holds = new Holds({ contents: drivers.contents, limits, now, expiry, report })
  const engine: Engine = {
    ...drivers,
    blake3: await loadBlake3(),
    operations: new OperationRegistry(BUILTIN_OPERATIONS),
    limits,
    now,
    verifications: new Verifications(),
    arrivals: new Arrivals(),
    holds,
    outputs: new RunningOutputs(),
    watched: new WatchedEntries(),
    live: new LiveAttempts(),
    admissions: new Admissions(drivers.ledger, limits),
    room: new Room({ drivers, holds, limits, now, expiry, report }),
    closing: new AbortController().signal,
    handingBack: new AbortController().signal,
    observe: () => undefined,
    report,
  }
  return { engine, time }
}
