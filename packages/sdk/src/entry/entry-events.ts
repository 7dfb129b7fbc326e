import type { EntryDocument } from '@opcache/protocol'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { Answer } from '../transport/exchange.js'

/** A change of an entry, or its deletion; the id goes into `Last-Event-ID`. */
export type EntryEvent =
  | { readonly kind: 'entry'; readonly id: string | undefined; readonly entry: EntryDocument }
  | { readonly kind: 'gone' }
  /** A comment, or a part of an event: the server lives. */
  | { readonly kind: 'sign-of-life' }

/** The events of an answer (text/event-stream), until it ends. @throws ConnectionLost */
export async function* entryEvents(answer: Answer): AsyncGenerator<EntryEvent, void, undefined> {
  const parsed: EventSourceMessage[] = []
  const parser = createParser({ onEvent: event => void parsed.push(event) })
  const decoder = new TextDecoder()
  for await (const chunk of answer.chunks()) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield { kind: 'sign-of-life' }
    for (const { event, id, data } of parsed.splice(0)) {
      if (event === 'gone') yield { kind: 'gone' }
      if (event === 'entry') yield { kind: 'entry', id, entry: JSON.parse(data) as EntryDocument }
    }
  }
}
