import type { StreamRecord } from '../../ports/stream-store.js'
import { contentCompleted } from '../contents/content-completed.js'
import { findContent } from '../contents/find-content.js'
import { contentExpiry, useContent } from '../contents/use-content.js'
import type { Engine } from '../engine.js'

/**
 * Makes a stored content of a stream whose seal was won; a content that is complete already keeps its own bytes. Doing so
 * again, by whomever, changes nothing. Answers the stream as it is then.
 */
export async function publishSealed(engine: Engine, record: StreamRecord): Promise<StreamRecord | undefined> {
  if (record.phase.state !== 'SEALING') return record
  const { space, blob, phase } = record
  const manifest = await engine.streams.manifest(record, blob)
  // Without one, somebody else has published it meanwhile.
  if (manifest) {
    const expiry = { createdAt: engine.now(), expiresAt: contentExpiry(engine) }
    const content = { space, id: phase.content, size: phase.size, blob, ...expiry }
    // A content whose bytes are gone must not be kept in favour of these.
    await findContent(engine, content)
    const { record: published, unused } = await engine.contents.publish(content, manifest)
    await engine.streams.finishSeal(record, blob)
    // The records go first: should this process die here, bytes cost space and nothing else.
    if (unused !== undefined) await engine.blobs.delete(unused)
    await useContent(engine, published)
    await contentCompleted(engine, content)
  }
  return engine.streams.get(record)
}
