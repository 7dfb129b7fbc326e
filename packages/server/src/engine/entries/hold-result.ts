import type { ContentId, ResultDocument } from '@opcache/protocol'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { SpaceId } from '../../ports/space.js'
import { findCompleteContent } from '../contents/find-content.js'
import type { Engine } from '../engine.js'

/** Whether a result's bytes are here; they then stay for a while. */
export async function holdResult(engine: Engine, space: SpaceId, result: ResultDocument): Promise<boolean> {
  const content = await findCompleteContent(engine, { space, id: result.id as ContentId })
  return content !== undefined && (await engine.holds.hold(content))
}

/** Whether the result of a COMPLETE entry is current and its bytes are here; it then stays for a while. */
export async function canServe(engine: Engine, record: EntryRecord): Promise<boolean> {
  if (record.phase.state !== 'COMPLETE' || !isCurrentVersion(engine, record)) return false
  return holdResult(engine, record.space, record.phase.result)
}

/** Whether an entry was made by the version of its operation that is offered now. */
export function isCurrentVersion(engine: Engine, record: EntryRecord): boolean {
  return record.operationVersion === engine.operations.get(record.descriptor.operation.name)?.version
}
