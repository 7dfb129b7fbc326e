import { type Descriptor, deriveEntryKey, type ResultDocument } from '@opcache/protocol'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { Engine } from '../engine.js'
import { entryTopic } from '../topics.js'
import { changeEntry } from './change-entry.js'
import { canServe } from './hold-result.js'
import { newEntry } from './new-entry.js'

/**
 * Publishes a result whose source came as a stream under the key that the same descriptor has with the content that the
 * stream became, too, so that whoever comes with these bytes finds it. A result that can be served there stays. So does an
 * attempt that is under way: it comes to the same end, and a refresh was promised a run of its own.
 */
export async function publishAlias(
  engine: Engine,
  record: EntryRecord,
  result: ResultDocument,
): Promise<void> {
  const { space, namespace, creator, source } = record
  if (source === undefined || record.stream === undefined) return
  const { resource: _, ...rest } = record.descriptor
  const descriptor: Descriptor = { ...rest, content: source }
  const key = deriveEntryKey(engine.blake3, descriptor)
  const phase = { state: 'COMPLETE', result } as const
  // Each step is a compare-and-set; who loses one looks again.
  for (;;) {
    const there = await engine.entries.get(space, key)
    if (!there) {
      const start = { space, key, namespace, creator, descriptor, source, phase, attempt: 1 }
      if (!(await engine.entries.compareAndSet(newEntry(engine, start), 0))) continue
      engine.notifier.publish(entryTopic(space, key))
      return
    }
    const isKept = there.expiresAt > engine.now() && (await canServe(engine, there))
    if (isKept || there.phase.state === 'PROCESSING') return
    const { version: operationVersion } = engine.operations.require(descriptor.operation.name)
    const change = { phase, source, operationVersion, attempt: there.attempt + 1 }
    if (await changeEntry(engine, there, change)) return
  }
}
