import type { StreamRef } from '../../ports/stream-store.js'
import type { Engine } from '../engine.js'
import { startWhenComplete } from '../entries/start-when-complete.js'

/** Starts the entries that wait for a stream which is sealed now. */
export async function streamSealed(engine: Engine, ref: StreamRef): Promise<void> {
  for (const key of await engine.streams.dependents(ref)) {
    const record = await engine.entries.get(ref.space, key)
    if (record?.phase.state === 'UPLOADING') await startWhenComplete(engine, record)
    await engine.streams.removeDependent(ref, key)
  }
}
