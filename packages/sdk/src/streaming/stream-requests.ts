import {
  type ContentDocument,
  MEDIA_TYPES,
  PATHS,
  type StreamDocument,
  type StreamId,
} from '@opcache/protocol'
import { spaceHeader } from '../entry/space-header.js'
import { isRequestError } from '../errors/request-error.js'
import { StreamLostError } from '../errors/stream-lost-error.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import type { StreamIdentity } from './read-stream.js'

/** A stream at the server. */
export interface StreamTarget {
  readonly id: StreamId
  readonly isPrivate: boolean
}

/** What the server holds of a stream; undefined when it does not know it. One request, within an attempt. */
export async function readStreamDocument(
  connection: Connection,
  call: Call,
  { id, isPrivate }: StreamTarget,
): Promise<StreamDocument | undefined> {
  try {
    const answer = await connection.send(
      { method: 'GET', path: PATHS.content(id), headers: spaceHeader(isPrivate) },
      call,
    )
    return await connection.readDocument<StreamDocument>(answer)
  } catch (error) {
    if (isRequestError(error) && error.code === 'content-not-found') return undefined
    throw error
  }
}

/** Tells the server that the stream is whole: it compares its sum with this one. @throws StreamLostError */
export async function sealStream(
  connection: Connection,
  call: Call,
  { id, isPrivate }: StreamTarget,
  { id: content, size }: StreamIdentity,
): Promise<ContentDocument> {
  try {
    return await connection.document<ContentDocument>(
      {
        method: 'POST',
        path: PATHS.seal(id),
        headers: { 'content-type': MEDIA_TYPES.json, ...spaceHeader(isPrivate) },
        body: new TextEncoder().encode(JSON.stringify({ size, content })),
      },
      call,
    )
  } catch (error) {
    const isLost = isRequestError(error) && ['content-mismatch', 'content-not-found'].includes(error.code)
    throw isLost ? new StreamLostError(error.detail, error) : error
  }
}
