import { describe, test } from 'vitest'
import { type FaultKind, forAMoment, onTheLine, PHASES, runWithFault } from './fault-case.js'

const kinds: readonly FaultKind[] = [
  { name: 'nothing passes any more', fault: onTheLine(proxy => proxy.meetAll('stall')) },
  { name: 'nothing passes to the server any more', fault: onTheLine(proxy => proxy.meetAll('half-open')) },
  { name: 'the server is a black hole for a moment', fault: forAMoment('blackhole') },
]

describe.each(kinds)('$name', kind => {
  test.each(PHASES)('in $name', phase => runWithFault({ ...kind, isSilent: true }, phase))
})
