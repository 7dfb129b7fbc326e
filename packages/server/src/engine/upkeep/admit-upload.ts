import { ProtocolError } from '@opcache/protocol'
import { type Caller, callerSpace } from '../caller.js'
import type { Engine } from '../engine.js'

/** Names a user's account: what he has begun to upload and not finished, in whatever space. */
export function accountOf(caller: Caller): string {
  return callerSpace(caller, true)
}

/** @throws ProtocolError `rate-limited` when the caller has begun as many uploads as one may have. */
export async function admitUpload(engine: Engine, caller: Caller): Promise<void> {
  const { maxUnfinishedUploads } = engine.limits
  const { contents, streams } = await engine.ledger.unfinished(accountOf(caller))
  if (contents + streams < maxUnfinishedUploads) return
  throw new ProtocolError(
    'rate-limited',
    `You have ${contents + streams} unfinished uploads, and may have ${maxUnfinishedUploads}: finish some of them first.`,
  )
}

/** @throws ProtocolError `rate-limited` when so much more would be more than one may have in unfinished uploads. */
export async function admitBytes(engine: Engine, caller: Caller, moreBytes: number): Promise<void> {
  const { maxUnfinishedBytes } = engine.limits
  if (maxUnfinishedBytes === Number.POSITIVE_INFINITY) return
  const { bytes } = await engine.ledger.unfinished(accountOf(caller))
  if (bytes + moreBytes <= maxUnfinishedBytes) return
  throw new ProtocolError(
    'rate-limited',
    `Your unfinished uploads have ${bytes} bytes, and may have ${maxUnfinishedBytes}: finish some of them first.`,
  )
}
