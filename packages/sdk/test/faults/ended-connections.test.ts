import { describe, test } from 'vitest'
import { type FaultKind, forAMoment, onTheLine, PHASES, type Phase, runWithFault } from './fault-case.js'

const kinds: readonly FaultKind[] = [
  { name: 'all connections are cut', fault: onTheLine(proxy => proxy.meetAll('cut')) },
  { name: 'all connections are reset', fault: onTheLine(proxy => proxy.meetAll('reset')) },
  { name: 'all connections are closed late', fault: onTheLine(proxy => proxy.meetAll('slow-close')) },
  { name: 'the server goes away and comes back', fault: forAMoment('down') },
  { name: 'the connection of the request is dropped', fault: dropped },
]

/** The server ends one connection: in the middle of the body, or of the answer where there is no body. */
function dropped({ on, afterBytes = 0 }: Phase): ReturnType<FaultKind['fault']> {
  return { kind: on === 'part' ? 'drop' : 'drop-answer', afterBytes }
}

describe.each(kinds)('$name', kind => {
  test.each(PHASES)('in $name', phase => runWithFault(kind, phase))
})
