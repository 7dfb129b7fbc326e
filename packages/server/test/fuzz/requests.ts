import fc from 'fast-check'
import { DOCUMENTED_ROUTES } from '../../src/http/openapi/documented-routes.js'
import { blockDigests } from '../support/stream.js'
import { fittingShapes, json, type Shape } from './fitting.js'
import { CONTENTS, ENTRIES, RUN_QUERIES, STREAMS, SUBJECT } from './pool.js'

/** A request as it goes over the line. */
export interface FuzzRequest {
  /** What it is derived from: `PUT /v1/contents/:id`. */
  readonly route: string
  readonly method: string
  /** Whether it is what HTTP calls a request, so that it has one answer; of the others nobody knows. */
  readonly isWhole: boolean
  /** Whether its path is one of the route. */
  readonly isPlain: boolean
  readonly bytes: Buffer
}

/** `left` so often as said, of ten; else `right`. */
const mostly = <L, R>(left: fc.Arbitrary<L>, right: fc.Arbitrary<R>, tenths = 8) =>
  fc.oneof({ weight: tenths, arbitrary: left }, { weight: 10 - tenths, arbitrary: right })

const HEX = '0123456789abcdef'
const hex = (length: number) =>
  fc.array(fc.constantFrom(...HEX), { minLength: length, maxLength: length }).map(digits => digits.join(''))

/** What may stand where a name is asked for, as it is written in a path. */
const oddSegment = fc.oneof(
  fc.constantFrom('x', '..', '%2e%2e%2f%2e%2e', '%00', '%', '%zz', '%f0%9f%8e%88', 'caf%C3%A9', 'cafe%CC%81'),
  fc.constantFrom(
    '%ED%A0%80',
    '%E2%80%AE',
    '__proto__',
    'constructor',
    '-1',
    '1e3',
    '9007199254740993',
    '0x0',
  ),
  fc.constantFrom('u-', 'a/b', ';x=1', ':key', '*', '?', '#', '%0d%0aset-cookie:%20a=b', 'A'.repeat(64)),
  hex(64),
  hex(63),
  fc.string({ unit: 'binary-ascii', maxLength: 20 }).map(encodeURIComponent),
  fc.constant('y'.repeat(5_000)),
)

/** Half of them are about the same one, so that many find it there. */
const entries = mostly(fc.constant(SUBJECT.entry), fc.constantFrom(...ENTRIES), 5)
const contents = mostly(fc.constant(SUBJECT.content), fc.constantFrom(...CONTENTS), 5)
const streams = fc.constantFrom(...STREAMS)

const segments: Record<string, fc.Arbitrary<string>> = {
  key: entries.map(({ key }) => key),
  id: mostly(
    contents.map(({ id }) => id),
    streams,
    7,
  ),
  first: fc.constantFrom('0', '1', '2'),
  operation: fc.constantFrom('copy', 'gzip', 'gunzip', 'brotli'),
}

const oddQuery = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'state',
        'cursor',
        'limit',
        'follow',
        'from',
        'attempt',
        'level',
        '__proto__',
        '%zz',
        '',
      ),
      fc.constantFrom(
        '',
        '0',
        '1',
        '-1',
        '1e9',
        'COMPLETE',
        '%00',
        '"1"',
        '[[[',
        'x'.repeat(3_000),
        '%f0%9f%8e%88',
      ),
    ),
    { maxLength: 4 },
  )
  .map(pairs => pairs.map(([name, value]) => `${name}=${value}`).join('&'))

const ranges = fc.oneof(
  fc.constantFrom(
    'bytes=0-0',
    'bytes=-1',
    'bytes=5-',
    'bytes=-0',
    'bytes=0-',
    'bytes=9-3',
    'bytes=',
    'bytes=-',
  ),
  fc.constantFrom('bytes=0-0,1-1', `bytes=${'0-,'.repeat(1_000)}`, 'lines=1-2', 'bytes=0x0-1', 'bytes 0-1'),
  fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()).map(([from, to]) => `bytes=${from}-${to}`),
  fc.constantFrom('bytes=999999999999999999999-', 'bytes=-999999999999999999999', 'bytes= 0 - 1'),
)

/** Values that headers have, right ones among them. */
const headerValues: Record<string, fc.Arbitrary<string>> = {
  'content-type': fc.constantFrom(
    'application/json',
    'text/plain',
    'garbage',
    'multipart/form-data; boundary=x',
  ),
  accept: fc.constantFrom('*/*', 'text/event-stream', 'application/json;q=0'),
  prefer: fc.constantFrom('wait=0', 'wait=1', 'wait=-1', 'wait=99999999999', 'respond-async'),
  range: ranges,
  'if-range': fc.constantFrom(`"${CONTENTS[1]!.id}"`, 'W/"x"', 'Sat, 01 Jan 2000 00:00:00 GMT'),
  'if-none-match': fc.constantFrom('*', `"${CONTENTS[1]!.id}"`, ',,,"', 'W/"x"'),
  'last-event-id': fc.constantFrom('1', '-1', 'x', '1e999'),
  'content-encoding': fc.constantFrom('identity', 'gzip', 'br, br'),
  expect: fc.constantFrom('100-continue', '200-maybe'),
  'opcache-content': fc.constantFrom(...CONTENTS.map(({ id }) => id), 'x', ''),
  'opcache-content-size': fc.constantFrom(
    ...CONTENTS.map(({ size }) => String(size)),
    '-1',
    '1e3',
    '9'.repeat(30),
  ),
  'opcache-block-digests': fc.constantFrom(
    ...CONTENTS.slice(1).map(each => blockDigests(each, 0, each.blocks)),
    'AAAA',
  ),
  'opcache-space': fc.constantFrom('private', 'shared', 'both', ''),
  'opcache-salt': fc.constantFrom('a pinch', 'a pinch'),
  'opcache-entry': fc.constantFrom(...ENTRIES.map(({ key }) => key), 'x'),
  'opcache-output-from': fc.constantFrom('0', '7', '-1'),
  'opcache-duplex': fc.constantFrom('?0', '1'),
  connection: fc.constantFrom('upgrade', 'transfer-encoding', 'x, y'),
  upgrade: fc.constantFrom('websocket', 'h2c'),
  host: fc.constantFrom('', 'a b', '[::1', 'evil.example'),
  'x-forwarded-for': fc.constantFrom('1.2.3.4', '\t'),
  traceparent: fc.constantFrom(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, '00-x', ''),
  cookie: fc.constantFrom('a=b', 'x'.repeat(9_000)),
}

const headers = fc.array(
  fc
    .constantFrom(...Object.keys(headerValues))
    .chain(name => fc.tuple(fc.constant(name), headerValues[name] as fc.Arbitrary<string>)),
  { maxLength: 5 },
)

/** Lines that no head has. */
const brokenLine = fc.constantFrom(
  'x: a\rset-cookie: b',
  'x: a\nset-cookie: b',
  ' folded: line',
  'x : space before the colon',
  'no colon',
  'x: \u0000',
  ': no name',
  'x\u00e9: name',
  'x: \u{1f980}',
  'transfer-encoding: chunked, identity',
  'transfer-encoding: xchunked',
  'content-length: +5',
  'content-length: 0x5',
  'content-length: 5, 5',
  'content-length: 99999999999999999999999999',
)

/** Bodies: what some route takes, and what none does. */
const body = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.constantFrom(...CONTENTS.map(({ bytes }) => bytes)),
  fc.constantFrom(...CONTENTS.map(({ manifest }) => Buffer.from(manifest))),
  fc.constantFrom(...ENTRIES.map(({ descriptor }) => json({ descriptor }))),
  fc.constantFrom(...CONTENTS.map(({ size, id }) => json({ size, content: id }))),
  fc.json({ maxDepth: 4 }).map(text => Buffer.from(text)),
  fc
    .constantFrom('{', '[]', 'null', '{"a":1,"a":2}', '{"descriptor":"\\ud800"}', '['.repeat(9_000))
    .map(text => Buffer.from(text)),
)

/** A request that is right, about what may be there. */
const fitting: fc.Arbitrary<Shape> = fc
  .record({
    content: contents,
    entry: entries,
    stream: streams,
    operation: segments.operation as fc.Arbitrary<string>,
    query: fc.constantFrom(...RUN_QUERIES),
  })
  .chain(subject => fc.constantFrom(...fittingShapes(subject)))

/** Any route, with anything in its place. */
const any: fc.Arbitrary<Shape> = fc.constantFrom(...Object.keys(DOCUMENTED_ROUTES)).chain(route => {
  const url = route.split(' ')[1] as string
  const names = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name as string)
  const values = names.map(name => mostly(segments[name] ?? oddSegment, oddSegment))
  return fc
    .record({ values: fc.tuple(...values), query: mostly(fc.constant(''), oddQuery), headers, body })
    .map(({ values: given, query, ...rest }) => ({
      route,
      path: `${names.reduce((path, name, at) => path.replace(`:${name}`, given[at] as string), url)}${query && `?${query}`}`,
      ...rest,
    }))
})

/** How a body is framed; the first three are right. */
const FRAMINGS = [
  'length',
  'length',
  'chunks',
  'short',
  'long',
  'two lengths',
  'length and chunks',
  'chunks with more',
  'a chunk that is none',
  'a chunk too large',
] as const
type Framing = (typeof FRAMINGS)[number]

/** What becomes of the bytes before they are sent. */
interface Mutation {
  readonly kind: string
  /** Where, of one. */
  readonly at: number
  readonly byte: number
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'cut', 'drop', 'twice', 'insert', 'bare line feeds'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: fc.integer({ min: 0, max: 255 }),
})

/** What may be odd about a request. */
interface Oddities {
  readonly method?: string | undefined
  readonly framing?: Framing
  readonly broken?: string | undefined
  readonly mutation?: Mutation | undefined
}

/** Requests of all kinds: most of them whole, about something that may be there; many with something odd about them. */
export function fuzzRequests(credentials: readonly string[]): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      shape: mostly(any, fitting, 6),
      credential: mostly(
        fc.constantFrom(...credentials),
        fc.constantFrom('', 'Bearer', 'Basic YTpi', 'Bearer x.y.z'),
      ),
      method: mostly(
        fc.constant(undefined),
        fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'),
        9,
      ),
      framing: mostly(fc.constantFrom(...FRAMINGS.slice(0, 3)), fc.constantFrom(...FRAMINGS), 9),
      broken: mostly(fc.constant(undefined), brokenLine, 9),
      mutation: mostly(fc.constant(undefined), mutation, 9),
    })
    .map(({ shape, credential, ...oddities }) => ({
      ...fuzzRequest(shape, credential, oddities),
      // What is found tells the request's bytes; all of a batch would be a book.
      [fc.toStringMethod]: () => shape.route,
    }))
}

/** Writes a request down. */
export function fuzzRequest(
  shape: Shape,
  credential: string,
  { method: forced, framing = 'length', broken, mutation: changed }: Oddities = {},
): FuzzRequest {
  const [own = 'GET'] = shape.route.split(' ')
  const method = forced ?? own
  const hasBody = !['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'].includes(method)
  const lines = [
    `${method} ${shape.path} HTTP/1.1`,
    ...(shape.headers.some(([name]) => name === 'host') ? [] : ['host: fuzz']),
    'connection: close',
    ...(credential ? [`authorization: ${credential}`] : []),
    ...shape.headers.map(([name, value]) => `${name}: ${value}`),
    ...(broken === undefined ? [] : [broken]),
  ]
  const { head, bytes: framed } = hasBody ? frame(shape.body, framing) : { head: [], bytes: Buffer.alloc(0) }
  const whole = Buffer.concat([Buffer.from(`${[...lines, ...head].join('\r\n')}\r\n\r\n`), framed])
  const isRight = !hasBody || framing === 'length' || framing === 'chunks'
  // What asks for another connection, or for leave to send, is answered otherwise than once; followers are cut off.
  const isPlain = shape.headers.every(
    ([name = '']) => !['connection', 'upgrade', 'expect', 'host'].includes(name),
  )
  return {
    route: shape.route,
    method,
    isWhole:
      isRight &&
      isPlain &&
      broken === undefined &&
      changed === undefined &&
      /^[!-~]*$/.test(shape.path) &&
      !/[?&]follow/.test(shape.path),
    isPlain: forced === undefined && !/[%?#]|\/\//.test(shape.path),
    bytes: changed === undefined ? whole : mutate(whole, changed),
  }
}

function frame(bytes: Buffer, framing: Framing): { head: string[]; bytes: Buffer } {
  const { length } = bytes
  const chunk = (size: string) =>
    Buffer.concat([Buffer.from(`${size}\r\n`), bytes, Buffer.from('\r\n0\r\n\r\n')])
  const chunks = length === 0 ? Buffer.from('0\r\n\r\n') : chunk(length.toString(16))
  switch (framing) {
    case 'length':
      return { head: [`content-length: ${length}`], bytes }
    case 'chunks':
      return { head: ['transfer-encoding: chunked'], bytes: chunks }
    case 'short':
      return { head: [`content-length: ${length + 9}`], bytes }
    case 'long':
      return { head: [`content-length: ${Math.max(0, length - 1)}`], bytes }
    case 'two lengths':
      return { head: [`content-length: ${length}`, `content-length: ${length + 1}`], bytes }
    case 'length and chunks':
      return { head: [`content-length: ${length}`, 'transfer-encoding: chunked'], bytes: chunks }
    case 'chunks with more':
      return {
        head: ['transfer-encoding: chunked', 'trailer: x'],
        bytes: Buffer.concat([
          Buffer.from('0;a="b";c\r\nx: y\r\ncontent-length: 5\r\n\r\n'),
          bytes.subarray(0, 99),
        ]),
      }
    case 'a chunk that is none':
      return { head: ['transfer-encoding: chunked'], bytes: chunk('zz') }
    case 'a chunk too large':
      return { head: ['transfer-encoding: chunked'], bytes: chunk('FFFFFFFFFFFFFFFFF') }
  }
}

function mutate(bytes: Buffer, { kind, at, byte }: Mutation): Buffer {
  // In the head mostly: that is where the questions are.
  const place = Math.floor(at * Math.min(bytes.length, 600))
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)]
  switch (kind) {
    case 'flip':
      return Buffer.concat([before, Buffer.from([byte]), after.subarray(1)])
    case 'cut':
      return before
    case 'drop':
      return Buffer.concat([before, after.subarray(byte)])
    case 'twice':
      return Buffer.concat([bytes.subarray(0, place + byte), after])
    case 'insert':
      return Buffer.concat([before, Buffer.from([13, 10, byte]), after])
    default:
      return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
  }
}
