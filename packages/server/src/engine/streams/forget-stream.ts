import type { StreamRef } from '../../ports/stream-store.js'
import type { Engine } from '../engine.js'

/** Forgets a stream that will not be sealed, with its bytes. */
export async function forgetStream(engine: Engine, ref: StreamRef): Promise<void> {
  const stream = await engine.streams.get(ref)
  // One that is sealed is a content, which others may use.
  if (stream?.phase.state !== 'OPEN') return
  await engine.room.letGo(stream.blob)
  const deleted = await engine.streams.delete(stream, stream.blob)
  if (deleted?.phase.state === 'OPEN') await engine.blobs.delete(deleted.blob)
}
