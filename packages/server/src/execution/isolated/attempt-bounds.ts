import type { Engine } from '../../engine/engine.js'
import type { Operation } from '../../operations/operation.js'

/** What one attempt may take, everything decided. */
export interface AttemptBounds {
  readonly timeoutMs: number
  readonly outputBytes: number
  readonly memoryBytes: number
  readonly processes: number
}

const MEMORY_BYTES = 2 * 2 ** 30

const PROCESSES = 64

/** The bounds of an operation: its own, and those of the server where it says nothing. */
export function boundsOf({ limits: server }: Engine, { limits = {} }: Operation): AttemptBounds {
  return {
    timeoutMs: limits.timeoutMs ?? server.attemptTimeoutMs,
    outputBytes: Math.min(limits.outputBytes ?? server.maxResultBytes, server.maxContentBytes),
    memoryBytes: limits.memoryBytes ?? MEMORY_BYTES,
    processes: limits.processes ?? PROCESSES,
  }
}
