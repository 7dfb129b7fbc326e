import { type ContentDocument, HEADERS, MEDIA_TYPES, PATHS } from '@opcache/protocol'
import { spaceHeader } from '../entry/space-header.js'
import type { Identified } from '../identify/identified.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import type { Exchange } from '../transport/exchange.js'

/** Announces a content with its manifest; answers what of it is missing. */
export function declareContent(
  connection: Connection,
  call: Call,
  { id, size, manifest }: Identified,
  isPrivate: boolean,
): Promise<ContentDocument> {
  return connection.document<ContentDocument>(
    {
      method: 'PUT',
      path: PATHS.content(id),
      headers: {
        'content-type': MEDIA_TYPES.bytes,
        [HEADERS.contentSize]: String(size),
        ...spaceHeader(isPrivate),
      },
      body: manifest,
    },
    call,
  )
}

/** The request for the server's block map of a content. */
export function contentRequest(id: string, isPrivate: boolean): Exchange {
  return { method: 'GET', path: PATHS.content(id), headers: spaceHeader(isPrivate) }
}
