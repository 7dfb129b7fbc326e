import type { EntryKey } from '@opcache/protocol'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { SpaceId } from '../../ports/space.js'
import type { Engine } from '../engine.js'
import { LinkedAbort } from '../linked-abort.js'
import { entryTopic } from '../topics.js'
import { settleEntry } from './settle-entry.js'

/**
 * The revisions of an entry as they come, beginning with the current one; some may be skipped. Ends when the entry is
 * gone, or when `signal` is aborted or the server closes.
 */
export async function* watchEntry(
  engine: Engine,
  space: SpaceId,
  key: EntryKey,
  signal: AbortSignal,
): AsyncGenerator<EntryRecord> {
  const ending = new LinkedAbort(signal, engine.closing)
  const sleep = new Sleep(ending.signal)
  // Subscribed before reading: a change in between wakes the sleep that follows.
  const unsubscribe = engine.notifier.subscribe(entryTopic(space, key), () => sleep.wake())
  try {
    let seen: { incarnation: string; revision: number } | undefined
    while (!sleep.signal.aborted) {
      sleep.arm()
      const record = await engine.entries.get(space, key)
      if (!record) return
      if (record.incarnation !== seen?.incarnation || record.revision > seen.revision) {
        seen = record
        yield record
      } else {
        // Jittered, so that many sleepers do not read again at the same moment.
        const isWoken = await sleep.for(engine.notifier.rereadMs * (0.75 + Math.random() / 2))
        if (!isWoken) await settleEntry(engine, record)
      }
    }
  } finally {
    unsubscribe()
    ending.release()
  }
}

/**
 * Waits until `isDone` holds for an entry, the entry is gone, `timeoutMs` have passed, `signal` is aborted or the
 * server closes. Answers the record as it stands then, undefined when it is gone.
 */
export async function waitForEntry(
  engine: Engine,
  record: EntryRecord,
  options: { isDone: (record: EntryRecord) => boolean; timeoutMs: number; signal: AbortSignal },
): Promise<EntryRecord | undefined> {
  if (options.isDone(record) || options.timeoutMs <= 0) return record
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)])
  for await (const current of watchEntry(engine, record.space, record.key, signal)) {
    if (options.isDone(current)) return current
  }
  return engine.entries.get(record.space, record.key)
}

/** A sleep that can be ended before it has begun. */
class Sleep {
  #isWoken = false
  #end: (() => void) | undefined

  constructor(readonly signal: AbortSignal) {
    signal.addEventListener('abort', () => this.wake(), { once: true })
  }

  /** Forgets earlier wakes. */
  arm(): void {
    this.#isWoken = false
  }

  wake(): void {
    this.#isWoken = true
    this.#end?.()
  }

  /** Answers whether it was ended before its time. */
  async for(ms: number): Promise<boolean> {
    if (this.#isWoken || this.signal.aborted) return true
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms)
      this.#end = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#end = undefined
    return this.#isWoken
  }
}
