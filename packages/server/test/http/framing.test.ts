import { describe, expect, test } from 'vitest'
import { TestServer } from '../support/test-server.js'

const post = (headers: string, body: string) =>
  `POST /v1/run/copy HTTP/1.1\r\nhost: a\r\n${headers}\r\n${body}`
const get = (headers: string) => `GET /v1 HTTP/1.1\r\nhost: a\r\n${headers}\r\n`

const CHUNKED = 'transfer-encoding: chunked\r\n'
const ONE_CHUNK = '1\r\nx\r\n0\r\n\r\n'

/** What is smuggled: a request that a front would take for a part of the one before. */
const NEXT = 'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'

/** Sends all of it at once and answers the statuses that come until the server ends the connection. */
async function statusesOf(bytes: string): Promise<{ statuses: number[]; server: TestServer }> {
  const server = await TestServer.start('memory')
  const connection = await server.connect()
  await connection.write(Buffer.from(bytes, 'latin1'))
  const told = (await connection.readToEnd()).toString('latin1')
  return { statuses: [...told.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)), server }
}

describe('where a request ends is never in doubt: one answer, no second request, and the connection ends', () => {
  test.each([
    ['a length and chunks', post(`content-length: 3\r\n${CHUNKED}`, '0\r\n\r\n')],
    ['chunks and a length', post(`${CHUNKED}content-length: 3\r\n`, ONE_CHUNK)],
    ['chunks, named twice', post(CHUNKED + CHUNKED, ONE_CHUNK)],
    ['chunks and no chunks', post(`${CHUNKED}transfer-encoding: identity\r\n`, ONE_CHUNK)],
    ['chunks that are not the last coding', post('transfer-encoding: chunked, identity\r\n', ONE_CHUNK)],
    ['no coding but a body', post('transfer-encoding: identity\r\n', 'x')],
    ['a coding of nearly that name', post('transfer-encoding: xchunked\r\n', ONE_CHUNK)],
    ['a coding in quotes', post('transfer-encoding: "chunked"\r\n', ONE_CHUNK)],
    ['a coding behind a tab of another kind', post('transfer-encoding: \x0bchunked\r\n', ONE_CHUNK)],
    ['a coding on a folded line', post('transfer-encoding:\r\n chunked\r\n', ONE_CHUNK)],
    ['a coding with a space before its colon', post('transfer-encoding : chunked\r\n', ONE_CHUNK)],
    ['chunks in HTTP/1.0', post(CHUNKED, ONE_CHUNK).replace('/1.1', '/1.0')],
    ['two lengths', post('content-length: 1\r\ncontent-length: 2\r\n', 'xy')],
    ['one length, twice', post('content-length: 1\r\ncontent-length: 1\r\n', 'x')],
    ['a list of lengths', post('content-length: 1, 1\r\n', 'x')],
    ['a negative length', post('content-length: -1\r\n', 'x')],
    ['a length with a sign', post('content-length: +1\r\n', 'x')],
    ['a hexadecimal length', post('content-length: 0x1\r\n', 'x')],
    ['a length with an exponent', post('content-length: 1e0\r\n', 'x')],
    ['no length where one is named', post('content-length: \r\n', 'x')],
    ['a length beyond 64 bits', post('content-length: 18446744073709551617\r\n', 'x')],
    ['a length on a folded line', post('content-length:\r\n 1\r\n', 'x')],
    ['a folded header', get('x: y\r\n z\r\n')],
    ['a first header that is folded', 'GET /v1 HTTP/1.1\r\n host: a\r\n\r\n'],
    ['bare line feeds', 'GET /v1 HTTP/1.1\nhost: a\n\n'],
    ['one bare line feed', get('x: y\nz: 1\r\n')],
    ['a bare carriage return', get('x: y\rz: 1\r\n')],
    ['a null byte in a value', get('x: y\0z\r\n')],
    ['a null byte in a name', get('x\0: y\r\n')],
    ['a null byte in the path', get('').replace('/v1', '/v1\0')],
    ['a space in a name', get('x y: z\r\n')],
    ['a header without a name', get(': z\r\n')],
    ['a space before a colon', get('x : y\r\n')],
    ['another version of HTTP', get('').replace('HTTP/1.1', 'HTTP/1.2')],
    ['HTTP/2 in the words of HTTP/1', get('').replace('HTTP/1.1', 'HTTP/2.0')],
    ['no version', 'GET /v1\r\n\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a negative chunk', post(CHUNKED, '-1\r\nx\r\n0\r\n\r\n')],
    ['a chunk with a prefix', post(CHUNKED, '0x1\r\nx\r\n0\r\n\r\n')],
    ['a chunk beyond 64 bits', post(CHUNKED, 'ffffffffffffffffff\r\nx\r\n0\r\n\r\n')],
    ['a chunk with a space', post(CHUNKED, '1 \r\nx\r\n0\r\n\r\n')],
    ['a chunk that is longer than it says', post(CHUNKED, '1\r\nxy\r\n0\r\n\r\n')],
    ['chunks that end with bare line feeds', post(CHUNKED, '1\nx\n0\n\n')],
    ['a line feed in the extension of a chunk', post(CHUNKED, '1;a\nb\r\nx\r\n0\r\n\r\n')],
    ['an extension of a chunk without end', post(CHUNKED, `1;${'a'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`)],
    ['a length in the trailer', post(CHUNKED, '1\r\nx\r\n0\r\ncontent-length: 5\r\n\r\n')],
  ])('%s', async (_shape, bytes) => {
    const { statuses, server } = await statusesOf(bytes + NEXT)
    expect(statuses).toEqual([400])
    const routes = server.events.map(event => event.kind === 'request-ended' && event.route)
    expect(routes).not.toContain('/healthz')
    expect((await server.send('/v1/entries')).json.entries).toEqual([])
  })
})

describe('what HTTP allows is one request, and the next one is the next', () => {
  test.each([
    ['an absolute form', get('').replace('/v1', 'http://elsewhere.example/v1'), [200]],
    ['extensions of chunks', post(CHUNKED, '1;a=b;c="d"\r\nx\r\n0\r\n\r\n'), [200]],
    ['chunks that are packed as well', post('transfer-encoding: gzip, chunked\r\n', ONE_CHUNK), [400]],
    ['a body of a GET', get(`content-length: ${NEXT.length}\r\n`) + NEXT, [200]],
    [
      'a body that was not waited for',
      post('content-length: 1\r\nexpect: 100-continue\r\n', 'x'),
      [100, 200],
    ],
    ['a request to the server as a whole', get('').replace('GET /v1', 'OPTIONS *'), [404]],
  ])('%s', async (_shape, bytes, expected) => {
    expect((await statusesOf(bytes + NEXT)).statuses).toEqual([...expected, 200])
  })

  test('a tunnel is refused, and nothing behind it is a request', async () => {
    const { statuses } = await statusesOf(
      `CONNECT other.example:443 HTTP/1.1\r\nhost: other.example\r\n\r\n${NEXT}`,
    )
    expect(statuses).toEqual([405])
  })

  test('a body that is refused before it was asked for is no request, and ends the connection', async () => {
    const refused = `content-length: ${NEXT.length}\r\nexpect: 100-continue\r\n`
    const { statuses } = await statusesOf(post(refused, NEXT).replace('copy', 'nothing'))
    expect(statuses).toEqual([404])
  })
})

test.each([
  ['GET', true],
  ['HEAD', false],
])('%s with more headers than are taken is refused, with a body: %s', async (method, hasBody) => {
  const server = await TestServer.start('memory')
  const connection = await server.connect()
  await connection.write(Buffer.from(`${method} /v1 HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`))
  const told = (await connection.readToEnd()).toString('latin1')
  const [head = '', body] = told.split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 400 /)
  expect(body !== '').toBe(hasBody)
})
