import { isTerminal } from '@opcache/protocol'
import type { EntryRecord } from '../../ports/entry-store.js'
import { Bell } from '../bell.js'
import type { Engine } from '../engine.js'
import { LinkedAbort } from '../linked-abort.js'
import type { RunningOutput } from '../outputs/running-output.js'
import { entryTopic } from '../topics.js'
import { attendEntry } from './attend-entry.js'
import { settleEntry } from './settle-entry.js'

/** What there is to follow. */
export interface Followed {
  readonly record: EntryRecord
  /** What the attempt writes, where it runs in this process. */
  readonly output: RunningOutput | undefined
}

/**
 * Waits for the output of an entry's attempt, which begins on what is there of the source where the operation can do
 * that; or for its end, where it is not written in this process. Undefined when the entry is gone.
 */
export async function followEntry(
  engine: Engine,
  found: EntryRecord,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Followed | undefined> {
  const { space, key } = found
  const bell = new Bell()
  const unsubscribe = engine.notifier.subscribe(entryTopic(space, key), () => bell.ring())
  const ending = new LinkedAbort(options.signal, engine.closing)
  const deadline = performance.now() + options.timeoutMs
  try {
    for (;;) {
      const { rings } = bell
      const record = await engine.entries.get(space, key)
      if (!record) return undefined
      const output = engine.outputs.find(record)
      const leftMs = deadline - performance.now()
      if (output || isTerminal(record.phase.state) || leftMs <= 0 || ending.signal.aborted) {
        return { record, output }
      }
      await attendEntry(engine, record)
      await engine.live.begin(engine, record)
      // A ring while it began ends the sleep at once.
      await bell
        .sleep(rings, Math.min(leftMs, engine.notifier.rereadMs), ending.signal)
        .catch(() => undefined)
      if (bell.rings === rings) await settleEntry(engine, record)
    }
  } finally {
    unsubscribe()
    ending.release()
  }
}
