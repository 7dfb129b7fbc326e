import { describe, test } from 'vitest'
import { type FaultKind, onTheLine, PHASES, runWithFault } from './fault-case.js'

const kinds: readonly FaultKind[] = [
  {
    name: 'the server is busy and says for how long',
    fault: () => ({ kind: 'status', code: 'busy', retryAfterSeconds: 1 }),
  },
  { name: 'the server limits the rate', fault: () => ({ kind: 'status', code: 'rate-limited' }) },
  {
    name: 'the line becomes slow',
    fault: onTheLine(proxy => proxy.setLine({ bytesPerSecond: 12 * 2 ** 20 })),
    isHarmless: true,
  },
  {
    name: 'the line becomes long',
    fault: onTheLine(proxy => proxy.setLine({ latencyMs: 150 })),
    isHarmless: true,
  },
]

describe.each(kinds)('$name', kind => {
  test.each(PHASES)('in $name', phase => runWithFault(kind, phase))
})
