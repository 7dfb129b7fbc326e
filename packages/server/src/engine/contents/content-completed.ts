import type { ContentRef } from '../../ports/content-store.js'
import type { Engine } from '../engine.js'
import { isUnderWay } from '../entries/is-under-way.js'
import { startAttempt } from '../entries/start-attempt.js'

/** Starts the entries that wait for a content which is complete now. */
export async function contentCompleted(engine: Engine, ref: ContentRef): Promise<void> {
  for (const key of await engine.contents.dependents(ref)) {
    const record = await engine.entries.get(ref.space, key)
    if (record?.phase.state === 'UPLOADING') await startAttempt(engine, record, ref.id)
    else if (!record || !isUnderWay(record)) await engine.contents.removeDependent(ref, key)
  }
}
