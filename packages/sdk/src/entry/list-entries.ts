import { type EntryDocument, type EntryList, PATHS } from '@opcache/protocol'
import type { ListOptions } from '../options.js'
import { callOf } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'

/** The caller's entries, the newest first, page by page as they are asked for. */
export async function* listEntries(
  connection: Connection,
  options: ListOptions,
): AsyncGenerator<EntryDocument, void, undefined> {
  const call = callOf(options)
  const { state } = options
  const query = new URLSearchParams(state ? { state } : {})
  for (;;) {
    const path = query.size > 0 ? `${PATHS.entries}?${query}` : PATHS.entries
    const page = await connection.document<EntryList>({ method: 'GET', path }, call)
    yield* page.entries
    if (page.next === null) return
    query.set('cursor', page.next)
  }
}
