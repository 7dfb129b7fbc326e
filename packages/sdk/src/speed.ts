/** Speeds of longer ago than this count little. */
const MEMORY_MS = 5_000

/** Bytes that moved and the time they took, both fading, so that their quotient is a smoothed speed. */
export interface Speed {
  /** Milliseconds. */
  readonly at: number
  /** Bytes so far, all together. */
  readonly bytes: number
  readonly fadingBytes: number
  readonly fadingMs: number
}

/** A speed of which nothing is known yet. */
export function unknownSpeed(at: number, bytes: number): Speed {
  return { at, bytes, fadingBytes: 0, fadingMs: 0 }
}

/** What is known of the speed once `bytes` are there at `at`: exponential smoothing over acknowledged bytes. */
export function nextSpeed(speed: Speed, at: number, bytes: number): Speed {
  const passedMs = Math.max(0, at - speed.at)
  const fading = Math.exp(-passedMs / MEMORY_MS)
  return {
    at: Math.max(at, speed.at),
    bytes: Math.max(bytes, speed.bytes),
    fadingBytes: speed.fadingBytes * fading + Math.max(0, bytes - speed.bytes),
    fadingMs: speed.fadingMs * fading + passedMs,
  }
}

/** Speed, and the time for what remains where that is known; the smallest time that is told of is a tenth of a second. */
export function estimate(
  { fadingBytes, fadingMs }: Speed,
  remainingBytes: number | undefined,
): { bytesPerSecond?: number; remainingMs?: number } {
  if (fadingMs < 100 || fadingBytes <= 0) return remainingBytes === 0 ? { remainingMs: 0 } : {}
  const bytesPerMs = fadingBytes / fadingMs
  return {
    bytesPerSecond: Math.round(bytesPerMs * 1000),
    ...(remainingBytes !== undefined && { remainingMs: Math.round(remainingBytes / bytesPerMs) }),
  }
}
