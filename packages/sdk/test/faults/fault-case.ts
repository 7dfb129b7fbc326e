import type { Fault, FaultProxy, RequestKind } from '@opcache/server-mock'
import { expect } from 'vitest'
import type { ProgressEvent } from '../../src/index.js'
import { MIB, noise } from '../support/bytes.js'
import { testMock, testProxy } from '../support/test-mock.js'
import { testClient } from '../support/test-server.js'

/** Three parts and a shorter one; a result of seven pieces. */
const SIZE = 26 * MIB + 3
const CONCURRENCY = 2
const PIECE_BYTES = 4 * MIB
const IN_FLIGHT_BYTES = 2 * MIB
const source = noise(SIZE)

/** When a fault happens: at which request, and after how many bytes of it. */
export interface Phase {
  readonly name: string
  readonly on: RequestKind
  readonly nth?: number
  readonly afterBytes?: number
}

/** What happens, either to the request or to the whole line. */
export interface FaultKind {
  readonly name: string
  readonly fault: (phase: Phase, proxy: FaultProxy) => Fault['action']
  /** The server is just slow: nobody may be cut for it. */
  readonly isHarmless?: boolean
  /** Only that nothing is heard tells of it. */
  readonly isSilent?: boolean
}

export const PHASES: readonly Phase[] = [
  { name: 'open', on: 'open' },
  { name: 'declare', on: 'declare' },
  { name: 'the first part', on: 'part', nth: 1, afterBytes: 1.5 * MIB },
  { name: 'a part in the middle', on: 'part', nth: 2, afterBytes: 2.5 * MIB },
  { name: 'the last part', on: 'part', nth: 4, afterBytes: MIB },
  { name: 'the wait', on: 'events' },
  { name: 'the event stream', on: 'events', afterBytes: 100 },
  { name: 'the download', on: 'result', nth: 2, afterBytes: 1.5 * MIB },
]

/** Runs an operation while one fault happens in one phase. The result is right, and little is sent twice. */
export async function runWithFault(kind: FaultKind, phase: Phase): Promise<void> {
  const mock = await testMock()
  const proxy = await testProxy(mock.url)
  const { on, nth = 1 } = phase
  mock.faults.plan({ on, nth, action: kind.fault(phase, proxy) })
  const events: ProgressEvent[] = []
  // A machine that is busy itself is silent at times.
  const idleTimeoutMs = kind.isSilent ? 1000 : 5000
  const cache = testClient(proxy.url, { concurrency: CONCURRENCY, idleTimeoutMs })
  const result = await cache.run(source, 'copy', { onProgress: event => events.push(event) })
  expect(Buffer.compare(await result.bytes(), source)).toBe(0)
  expect(mock.faults.pending).toEqual([])
  expect(mock.runs()).toBe(1)
  expect(result.uploadedBytes).toBe(SIZE)
  // What is sent again: of each connection the block that was coming, and what was in the buffers of its way.
  expect(mock.recorder.bodyBytes('part')).toBeLessThanOrEqual(SIZE + CONCURRENCY * IN_FLIGHT_BYTES)
  const fetchedBytes = mock.recorder.of('result').reduce((sum, { answerBytes }) => sum + answerBytes, 0)
  expect(fetchedBytes).toBeLessThanOrEqual(SIZE + CONCURRENCY * PIECE_BYTES)
  const sent = events.flatMap(event => (event.phase === 'uploading' ? [event.sentBytes] : []))
  expect(sent).toEqual(sent.toSorted((one, other) => one - other))
  if (kind.isHarmless) expect(events.filter(event => event.phase === 'waiting-for-connection')).toEqual([])
}

/** A fault of the line, begun by the request that the phase names. */
export function onTheLine(begin: (proxy: FaultProxy) => void): FaultKind['fault'] {
  return ({ afterBytes }, proxy) => ({
    kind: 'act',
    ...(afterBytes !== undefined && { afterBytes }),
    act: () => begin(proxy),
  })
}

/** A state of the line that passes. */
export function forAMoment(state: 'down' | 'blackhole'): FaultKind['fault'] {
  return onTheLine(proxy => {
    void proxy.setState(state).then(() => setTimeout(() => void proxy.setState('up'), 300))
  })
}
