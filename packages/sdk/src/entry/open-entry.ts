import {
  type ContentId,
  type EntryDocument,
  MEDIA_TYPES,
  type OpenRequest,
  PATHS,
  type StreamId,
} from '@opcache/protocol'
import { isRequestError } from '../errors/request-error.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import type { EntryPlan } from './plan-entry.js'

/** What an open may add to the descriptor. */
export interface OpenDetails {
  /** The source, where the descriptor does not name it. */
  readonly source?: ContentId | StreamId | undefined
  /** Run again if the attempt is not beyond this one. */
  readonly refresh?: number | undefined
}

/** Checks and opens an entry in one request. */
export function openEntry(
  connection: Connection,
  call: Call,
  { key, descriptor }: EntryPlan,
  { source, refresh }: OpenDetails,
): Promise<EntryDocument> {
  call.progress.report({ phase: 'asking', key })
  const request: OpenRequest = {
    descriptor,
    ...(source !== undefined && descriptor.content === undefined && { source }),
    ...(refresh !== undefined && { refresh }),
  }
  return connection.document<EntryDocument>(
    {
      method: 'POST',
      path: PATHS.entry(key),
      headers: { 'content-type': MEDIA_TYPES.json },
      body: new TextEncoder().encode(JSON.stringify(request)),
    },
    call,
    key,
  )
}

/** The entry as it stands. @throws RequestError `entry-not-found` */
export function readEntry(connection: Connection, call: Call, key: string): Promise<EntryDocument> {
  const path = PATHS.entry(encodeURIComponent(key))
  return connection.document<EntryDocument>({ method: 'GET', path }, call, key)
}

/** The entry as it stands, or undefined where there is none. */
export async function findEntry(
  connection: Connection,
  call: Call,
  key: string,
): Promise<EntryDocument | undefined> {
  try {
    return await readEntry(connection, call, key)
  } catch (error) {
    if (isRequestError(error) && error.code === 'entry-not-found') return undefined
    throw error
  }
}
