import type { ContentId } from '@opcache/protocol'
import type { StreamRecord, StreamRef } from '../../ports/stream-store.js'
import type { Engine } from '../engine.js'
import { withPatience } from '../with-patience.js'
import { publishSealed } from './publish-sealed.js'
import { verifyStream } from './verify-stream.js'

/**
 * The stream, where it is this user's. A seal that a process left half done is brought to its end, and what is in doubt
 * after an unclean stop is verified.
 *
 * @throws ProtocolError `busy` while that takes long.
 */
export async function findStream(
  engine: Engine,
  user: string,
  ref: StreamRef,
): Promise<StreamRecord | undefined> {
  const record = await engine.streams.get(ref)
  if (record?.owner !== user) return undefined
  if (record.doubt !== undefined) return withPatience(verifyStream(engine, record))
  return publishSealed(engine, record)
}

/** The content that a stream of this user was sealed to. */
export async function sealedContent(
  engine: Engine,
  user: string,
  ref: StreamRef,
): Promise<ContentId | undefined> {
  const record = await findStream(engine, user, ref)
  return record && record.phase.state !== 'OPEN' ? record.phase.content : undefined
}
