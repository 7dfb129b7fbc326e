import { contentExpiry } from '../contents/use-content.js'
import type { Engine } from '../engine.js'
import { abandonAttempt } from '../entries/abandon-attempt.js'
import { isUnderWay } from '../entries/is-under-way.js'
import { jobOf } from '../entries/start-attempt.js'
import { publishSealed } from '../streams/publish-sealed.js'
import { entryTopic } from '../topics.js'
import { collectLeftovers } from './collect-leftovers.js'
import { isNeeded } from './lru.js'

/** Records that one step of a sweep takes, so that a sweep never holds the server for long. */
const BATCH = 100

/** Stops attempts that nobody waits for, and forgets entries, streams and contents that nobody used for their time. */
export async function sweep(engine: Engine): Promise<void> {
  await engine.room.letGoOfSilent()
  await sweepEntries(engine)
  await sweepStreams(engine)
  await sweepContents(engine)
  await collectLeftovers(engine)
}

async function sweepEntries(engine: Engine): Promise<void> {
  for (;;) {
    const expired = await engine.entries.expired(engine.now(), BATCH)
    let ended = 0
    for (const record of expired) {
      if (record.phase.state === 'PROCESSING') {
        if (await abandonAttempt(engine, record)) ended += 1
        continue
      }
      if (!(await engine.entries.delete(record.space, record.key, record.revision))) continue
      if (isUnderWay(record)) await engine.queue.cancel(jobOf(record))
      engine.notifier.publish(entryTopic(record.space, record.key))
      ended += 1
    }
    if (ended === 0) return
  }
}

async function sweepStreams(engine: Engine): Promise<void> {
  for (;;) {
    const now = engine.now()
    const expired = await engine.streams.expired(now, BATCH)
    let deleted = 0
    for (const found of expired) {
      // Until it is published, nobody can tell whose its bytes will be.
      await publishSealed(engine, found)
      const record = await engine.streams.delete(found, found.blob, now)
      if (!record) continue
      if (record.phase.state === 'OPEN') await engine.blobs.delete(record.blob)
      deleted += 1
    }
    if (deleted === 0) return
  }
}

async function sweepContents(engine: Engine): Promise<void> {
  for (;;) {
    const now = engine.now()
    const expired = await engine.contents.expired(now, BATCH)
    let settled = 0
    for (const record of expired) {
      // However short its time is, an attempt that waits for its turn finds its source.
      if (await isNeeded(engine, record)) {
        if (await engine.contents.extend(record, contentExpiry(engine))) settled += 1
        continue
      }
      // One that was used since it was found stays.
      // The record goes first: bytes without a record cost space, a record without bytes would cost trust.
      if (!(await engine.contents.delete(record, record.blob, { expiredAt: now, at: now }))) continue
      await engine.blobs.delete(record.blob)
      settled += 1
    }
    if (settled === 0) return
  }
}
