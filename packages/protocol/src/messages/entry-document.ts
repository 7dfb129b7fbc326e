import type { Static } from 'typebox'
import * as Type from 'typebox'
import { Problem } from '../errors/problem.js'
import { ContentDocument } from './content-document.js'
import { Descriptor, Hex64 } from './descriptor.js'
import { StreamDocument, StreamName } from './stream-document.js'

const Timestamp = Type.String({ description: 'RFC 3339' })

/** A result: a content of its own, with a media type and a file name. */
export const ResultDocument = Type.Object({
  id: Hex64,
  size: Type.Integer({ minimum: 0, description: 'Bytes' }),
  type: Type.String({ description: 'Media type' }),
  name: Type.String({ description: 'Safe base name of a file' }),
})
export type ResultDocument = Static<typeof ResultDocument>

/** How far an attempt is. */
export const ProgressDocument = Type.Object({
  fraction: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  message: Type.Optional(Type.String()),
})
export type ProgressDocument = Static<typeof ProgressDocument>

export const EntryState = Type.Union([
  Type.Literal('UPLOADING'),
  Type.Literal('PROCESSING'),
  Type.Literal('COMPLETE'),
  Type.Literal('FAILED'),
])
export type EntryState = Static<typeof EntryState>

/** The record under a key, as its user sees it. */
export const EntryDocument = Type.Object({
  key: Type.String(),
  state: EntryState,
  revision: Type.Integer({ minimum: 1, description: 'Grows at every change' }),
  attempt: Type.Integer({ minimum: 0, description: '0 before the first run' }),
  descriptor: Descriptor,
  operationVersion: Type.String(),
  source: Type.Union([ContentDocument, StreamDocument, Type.Null()], {
    description: 'A stream until it is sealed; null: not known yet',
  }),
  result: Type.Optional(ResultDocument),
  progress: Type.Optional(ProgressDocument),
  error: Type.Optional(Problem),
  log: Type.Optional(Type.String({ description: 'The end of what the last attempt logged; not in lists' })),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  expiresAt: Timestamp,
  served: Type.Optional(Type.Union([Type.Literal('hit'), Type.Literal('joined'), Type.Literal('miss')])),
})
export type EntryDocument = Static<typeof EntryDocument>

/** How an open was served: from the cache, by an attempt that others began, or by one that it began. */
export type Served = NonNullable<EntryDocument['served']>

/** The body of an open. */
export const OpenRequest = Type.Object(
  {
    descriptor: Descriptor,
    source: Type.Optional(Type.Union([Hex64, StreamName])),
    refresh: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Run again if the attempt is not beyond this one' }),
    ),
  },
  { additionalProperties: false },
)
export type OpenRequest = Static<typeof OpenRequest>

/** A page of entries. */
export const EntryList = Type.Object({
  entries: Type.Array(EntryDocument),
  next: Type.Union([Type.String({ description: 'Cursor of the next page' }), Type.Null()]),
})
export type EntryList = Static<typeof EntryList>
