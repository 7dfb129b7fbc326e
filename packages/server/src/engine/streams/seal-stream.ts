import { Accumulator, BLOCK_BYTES, ProtocolError } from '@opcache/protocol'
import type { ContentRecord } from '../../ports/content-store.js'
import type { SealObjection, StreamEnd, StreamRecord, StreamRef } from '../../ports/stream-store.js'
import type { Caller } from '../caller.js'
import { findContent } from '../contents/find-content.js'
import { unknownContent } from '../contents/unknown-content.js'
import type { Engine } from '../engine.js'
import { createStream } from './create-stream.js'
import { findStream } from './find-stream.js'
import { publishSealed } from './publish-sealed.js'
import { streamSealed } from './stream-sealed.js'

/**
 * Seals a stream: from now on it is the content, which is stored, and the entries that wait for it start. Repeatable.
 *
 * @throws ProtocolError `content-not-found`; `content-mismatch` when the stream is not the content, and nothing changed.
 */
export async function sealStream(
  engine: Engine,
  caller: Caller,
  ref: StreamRef,
  end: StreamEnd,
): Promise<ContentRecord> {
  const stream = (await findStream(engine, caller.user, ref)) ?? (await createEmpty(engine, caller, ref, end))
  const outcome = await engine.streams.seal(ref, stream.blob, end)
  if (!outcome) throw unknownContent()
  // Another process ended uncleanly meanwhile.
  if ('doubtful' in outcome) return sealStream(engine, caller, ref, end)
  if ('objection' in outcome) throw new ProtocolError('content-mismatch', reasonOf(outcome.objection, end))
  await publishSealed(engine, outcome.sealed)
  engine.arrivals.tell(stream.blob)
  await streamSealed(engine, ref)
  await engine.room.letGo(stream.blob)
  const content = await findContent(engine, { space: ref.space, id: end.content })
  if (content) return content
  throw new ProtocolError('content-not-found', 'The content that the stream became is not stored any more.')
}

/** The empty content has no part that could have created its stream. */
async function createEmpty(
  engine: Engine,
  caller: Caller,
  ref: StreamRef,
  { size, content }: StreamEnd,
): Promise<StreamRecord> {
  const isEmpty = size === 0 && content === new Accumulator(engine.blake3).contentId(0)
  if (!isEmpty) throw unknownContent()
  return createStream(engine, caller, ref)
}

/** What speaks against the seal, for people. */
function reasonOf(objection: SealObjection, { size, content }: StreamEnd): string {
  switch (objection.kind) {
    case 'sealed-otherwise':
      return `The stream was sealed as ${objection.content} of ${objection.size} bytes before.`
    case 'missing-block':
      return `Block ${objection.block} of the ${size} bytes is missing: send it, then seal again.`
    case 'block-length':
      return (
        `Block ${objection.block} has ${objection.length} bytes, which no content of ${size} bytes has there: ` +
        `all blocks but the last have ${BLOCK_BYTES}.`
      )
    case 'beyond-end':
      return `Block ${objection.block} of the stream lies beyond the end of ${size} bytes.`
    case 'other-content':
      return `The blocks of the stream are the content ${objection.content}, not ${content}.`
  }
}
