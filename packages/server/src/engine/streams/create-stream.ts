import { randomUUID } from 'node:crypto'
import type { StreamRecord, StreamRef } from '../../ports/stream-store.js'
import type { Caller } from '../caller.js'
import { unknownContent } from '../contents/unknown-content.js'
import { contentExpiry } from '../contents/use-content.js'
import type { Engine } from '../engine.js'
import { accountOf } from '../upkeep/admissions.js'

/** Creates a stream of this caller, or answers the one that is there. @throws ProtocolError `content-not-found` */
export async function createStream(
  engine: Engine,
  caller: Caller,
  ref: StreamRef,
  blob = randomUUID() as string,
): Promise<StreamRecord> {
  const record = await engine.streams.create({
    ...ref,
    owner: caller.user,
    account: accountOf(caller),
    blob,
    createdAt: engine.now(),
    expiresAt: contentExpiry(engine),
  })
  // Somebody else was first with this name.
  if (record.owner !== caller.user) throw unknownContent()
  return record
}
