import { HEADERS, PATHS } from '@opcache/protocol'
import {
  Capabilities,
  ContentDocument,
  EntryDocument,
  EntryList,
  OpenRequest,
  PartAcknowledgement,
  SealRequest,
  StreamDocument,
  StreamPartAcknowledgement,
} from '@opcache/protocol/schemas'
import * as Type from 'typebox'
import type { DocumentedParameter, DocumentedRoute } from './documented-route.js'

const header = (name: string, summary: string, isRequired = false): DocumentedParameter => ({
  name,
  in: 'header',
  summary,
  isRequired,
})
const query = (name: string, summary: string): DocumentedParameter => ({ name, in: 'query', summary })

const SPACE = header(HEADERS.space, '"private" for the private space, "shared" without it')
const PREFER = header('prefer', 'wait=N: holds the answer for N seconds, until the entry is terminal')
const SIZE = header(HEADERS.contentSize, 'Bytes of the content', true)
const DIGESTS = header(HEADERS.blockDigests, "For a stream: the base64 of its blocks' digests")
const EXPECT = header('expect', '100-continue: the body is sent only where it is wanted')
const DOWNLOAD = [
  header('range', 'One range of bytes'),
  header('if-range', 'The tag for which the range counts'),
  header('if-none-match', 'A tag that the client has'),
]

const HEALTH = Type.Object({ status: Type.String() })
const READINESS = Type.Object({ status: Type.String(), reasons: Type.Array(Type.String()) })

/** Every route of a server, by method and path. */
export const DOCUMENTED_ROUTES: Readonly<Record<string, DocumentedRoute>> = {
  [`GET ${PATHS.health}`]: { summary: 'It lives', isOpen: true, answers: { 200: [HEALTH] } },
  [`GET ${PATHS.ready}`]: {
    summary: 'It can work, or why not',
    isOpen: true,
    answers: { 200: [READINESS], 503: [READINESS] },
  },
  [`GET ${PATHS.openApi}`]: { summary: 'This document', isOpen: true, answers: { 200: [Type.Object({})] } },
  [`GET ${PATHS.metrics}`]: { summary: 'What the server counts, for admins', answers: { 200: ['text'] } },
  [`GET ${PATHS.capabilities}`]: {
    summary: 'What the server can do, for this caller',
    answers: { 200: [Capabilities] },
  },
  [`GET ${PATHS.entries}`]: {
    summary: "The caller's entries, the newest first",
    parameters: [
      query('state', 'Entries of this state only'),
      query('cursor', '`next` of the page before'),
      query('limit', '1 to 1000, 100 without it'),
    ],
    answers: { 200: [EntryList] },
  },
  [`POST ${PATHS.entry(':key')}`]: {
    summary: 'Opens an entry: answers what is there, sets going what is not',
    body: OpenRequest,
    answers: { 200: [EntryDocument], 202: [EntryDocument] },
    errors: [
      'entry-not-found',
      'operation-not-found',
      'descriptor-conflict',
      'content-mismatch',
      'too-large',
      'key-mismatch',
      'invalid-params',
    ],
  },
  [`GET ${PATHS.entry(':key')}`]: {
    summary: 'How an entry stands, now, after a wait, or as events',
    parameters: [
      PREFER,
      header('accept', 'text/event-stream for events'),
      header('last-event-id', 'Revision that is known'),
    ],
    answers: { 200: [EntryDocument, 'events'], 202: [EntryDocument], 204: ['nothing'] },
    errors: ['entry-not-found'],
  },
  [`DELETE ${PATHS.entry(':key')}`]: {
    summary: 'Forgets an entry and cancels its attempt',
    answers: { 204: ['nothing'] },
    errors: ['entry-not-found', 'too-large'],
  },
  [`GET ${PATHS.result(':key')}`]: {
    summary: 'The bytes of the result, with `follow` while they are made',
    parameters: [
      PREFER,
      ...DOWNLOAD,
      query('follow', 'The output of the current attempt, while it is written'),
      query('from', 'With `follow`: bytes of it that the client has'),
      query('attempt', 'With `follow`: the attempt that wrote those'),
    ],
    answers: { 200: ['bytes'], 202: [EntryDocument], 206: ['bytes'], 304: ['nothing'] },
    errors: [
      'attempt-changed',
      'entry-not-found',
      'content-not-found',
      'range-not-satisfiable',
      'operation-failed',
      'storage-full',
    ],
  },
  [`GET ${PATHS.source(':key')}`]: {
    summary: 'The bytes of the source',
    parameters: DOWNLOAD,
    answers: { 200: ['bytes'], 206: ['bytes'], 304: ['nothing'] },
    errors: ['entry-not-found', 'content-not-found', 'range-not-satisfiable'],
  },
  [`PUT ${PATHS.content(':id')}`]: {
    summary: 'Declares a content by its manifest',
    parameters: [SPACE, SIZE],
    body: 'bytes',
    answers: { 200: [ContentDocument] },
    errors: [
      'content-not-found',
      'length-required',
      'too-large',
      'unsupported-encoding',
      'manifest-mismatch',
      'storage-full',
    ],
  },
  [`GET ${PATHS.content(':id')}`]: {
    summary: 'Which blocks of a content are missing, or present of a stream',
    parameters: [SPACE],
    answers: { 200: [Type.Union([ContentDocument, StreamDocument])] },
    errors: ['content-not-found', 'busy'],
  },
  [`POST ${PATHS.seal(':id')}`]: {
    summary: 'Ends a stream: tells what it turned out to be',
    parameters: [SPACE],
    body: SealRequest,
    answers: { 200: [ContentDocument] },
    errors: ['content-not-found', 'content-mismatch', 'too-large', 'storage-full'],
  },
  [`GET ${PATHS.manifest(':id')}`]: {
    summary: 'The manifest of a content',
    parameters: [SPACE],
    answers: { 200: ['bytes'] },
    errors: ['content-not-found'],
  },
  [`PUT ${PATHS.blocks(':id', ':first')}`]: {
    summary: 'A part: consecutive blocks of a content or a stream',
    parameters: [
      SPACE,
      EXPECT,
      DIGESTS,
      header(HEADERS.entry, 'Key of an entry whose output the acknowledgement is to carry'),
      header(HEADERS.outputFrom, 'Bytes of that output that the client has'),
    ],
    body: 'bytes',
    answers: { 200: [Type.Union([PartAcknowledgement, StreamPartAcknowledgement]), 'bytes'] },
    errors: [
      'entry-not-found',
      'busy',
      'content-not-found',
      'content-mismatch',
      'length-required',
      'too-large',
      'unsupported-encoding',
      'block-mismatch',
      'storage-full',
    ],
  },
  [`POST ${PATHS.run(':operation')}`]: {
    summary: 'Everything in one call: the body is the source, the answer is the result',
    parameters: [
      SPACE,
      EXPECT,
      header(
        'prefer',
        'wait=N, as elsewhere; return=minimal: the document is answered in place of the bytes',
      ),
      ...DOWNLOAD,
      header(HEADERS.content, 'Content id of the body'),
      header(HEADERS.salt, 'A separate set of entries'),
      header(HEADERS.duplex, '?1: the answer starts while the body is still coming'),
    ],
    body: 'bytes',
    answers: { 200: ['bytes', EntryDocument], 202: [EntryDocument], 206: ['bytes'], 304: ['nothing'] },
    errors: [
      'entry-not-found',
      'content-not-found',
      'operation-not-found',
      'content-mismatch',
      'too-large',
      'unsupported-encoding',
      'range-not-satisfiable',
      'invalid-params',
      'operation-failed',
      'storage-full',
    ],
  },
}
