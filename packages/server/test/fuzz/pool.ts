import type { Descriptor } from '@opcache/protocol'
import { bytesOf, type Content, contentOf, keyOf } from '../support/content.js'
import { MIB } from '../support/test-server.js'
import type { Subject } from './fitting.js'

/** Bytes that requests are about: none, few, a block, and more than one. */
export const CONTENTS: readonly Content[] = [
  contentOf(''),
  contentOf('seven b'),
  contentOf(bytesOf(MIB, 3)),
  contentOf(bytesOf(MIB + 5, 4)),
]

/** Names in which a name may hide from another. */
const NAMES = [
  'handbook',
  'caf\u00e9',
  'cafe\u0301',
  '\u{1f980}\u200d\u{1f9c0}',
  '\u202egnp.exe',
  '../../etc/passwd',
  'a\u0000b',
  'line\r\nset-cookie: a=b',
  '\uffff\ufdd0',
  'x'.repeat(2_000),
]

const byContent: Descriptor[] = CONTENTS.flatMap(({ id }) => [
  { v: 1, content: id, operation: { name: 'copy', params: {} } },
  { v: 1, content: id, operation: { name: 'gzip', params: { level: 1 } }, salt: 'a pinch' },
  { v: 1, content: id, operation: { name: 'gunzip', params: {} }, user: 'anna' },
])
const byName: Descriptor[] = NAMES.map(name => ({
  v: 1,
  resource: { name, version: '1' },
  operation: { name: 'copy', params: {} },
  user: 'anna',
}))

export const DESCRIPTORS: readonly Descriptor[] = [...byContent, ...byName]

/** Entries that can be opened, each key with its descriptor. */
export const ENTRIES: readonly { readonly key: string; readonly descriptor: Descriptor }[] = [
  ...DESCRIPTORS.map(descriptor => ({ key: keyOf(descriptor), descriptor })),
  { key: `u-${'1'.repeat(8)}-1111-4111-8111-${'1'.repeat(12)}`, descriptor: DESCRIPTORS[0]! },
]

export const STREAMS = [0, 1].map(at => `u-0000000${at}-0000-4000-8000-00000000000${at}`)

/** What each route can be asked about with a good answer, given a stream that nobody has. */
export const SUBJECT: Omit<Subject, 'stream'> = {
  content: CONTENTS[2]!,
  entry: ENTRIES.find(({ descriptor }) => descriptor.content === CONTENTS[2]!.id)!,
  operation: 'copy',
  query: '',
}

/** Queries of operations, so that runs make the same few entries again and again. */
export const RUN_QUERIES = ['', 'level=1', 'level=9']

/** The most entries that there can be: each user's own of all that is opened or run, with and without a salt. */
export const MOST_ENTRIES = 2 * (ENTRIES.length + 4 * CONTENTS.length * RUN_QUERIES.length * 2 * 2 * 2)
