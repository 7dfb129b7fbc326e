import { loadBlake3 } from '@opcache/protocol'
import { onTestFinished } from 'vitest'
import { openMemoryDrivers } from '../../src/drivers/memory/open-memory-drivers.js'
import { Arrivals } from '../../src/engine/contents/arrivals.js'
import { Verifications } from '../../src/engine/contents/verifications.js'
import type { Engine } from '../../src/engine/engine.js'
import { DEFAULT_LIMITS } from '../../src/engine/limits.js'
import { RunningOutputs } from '../../src/engine/outputs/running-outputs.js'
import { LiveAttempts } from '../../src/execution/live/live-attempts.js'
import { BUILTIN_OPERATIONS } from '../../src/operations/builtin.js'
import { OperationRegistry } from '../../src/operations/registry.js'

/** An engine on memory drivers, without a worker, whose clock a test turns by `time.now`. */
export async function startEngine(): Promise<{ engine: Engine; time: { now: number } }> {
  const time = { now: Date.now() }
  const now = () => time.now
  const { close, ...drivers } = await openMemoryDrivers({ now })
  onTestFinished(close)
  const engine: Engine = {
    ...drivers,
    blake3: await loadBlake3(),
    operations: new OperationRegistry(BUILTIN_OPERATIONS),
    limits: DEFAULT_LIMITS,
    now,
    verifications: new Verifications(),
    arrivals: new Arrivals(),
    outputs: new RunningOutputs(),
    live: new LiveAttempts(),
    closing: new AbortController().signal,
    observe: () => undefined,
    report: error => {
      throw error
    },
  }
  return { engine, time }
}
