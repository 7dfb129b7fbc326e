import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { PATHS } from '@opcache/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { findTool } from '../../src/operations/find-tool.js'
import { bytesOf, contentOf, descriptorOf } from '../support/content.js'
import { chunked } from '../support/raw-connection.js'
import { scripted } from '../support/scripted.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf(bytesOf(3 * MIB + 9))
const DUPLEX = { 'opcache-duplex': '?1' }

/** A run whose body the test writes bit by bit. */
function openRun(server: TestServer, operation: string, headers: Record<string, string> = {}) {
  const outgoing: ClientRequest = request(server.url + PATHS.run(operation), {
    method: 'POST',
    agent: false,
    headers: { ...DUPLEX, ...headers },
  })
  outgoing.on('error', () => undefined)
  onTestFinished(() => void outgoing.destroy())
  const answered = once(outgoing, 'response').then(([incoming]) => incoming as IncomingMessage)
  return { outgoing, answered }
}

describeStorages('a run in full duplex', kind => {
  test('answers while its body is still coming, and the result is in the cache', async () => {
    const server = await TestServer.start(kind)
    const { outgoing, answered } = openRun(server, 'copy')
    outgoing.write(content.part(0, 2))
    const incoming = await answered
    expect(incoming.headers).toMatchObject({ 'opcache-served': 'miss', 'opcache-attempt': '1' })
    const reader = incoming[Symbol.asyncIterator]()
    let seen = 0
    while (seen < 2 * MIB) seen += (await reader.next()).value.length
    expect(seen).toBe(2 * MIB)
    outgoing.end(content.bytes.subarray(2 * MIB))
    for (let next = await reader.next(); !next.done; next = await reader.next()) seen += next.value.length
    expect(seen).toBe(content.size)
    expect(incoming.complete).toBe(true)
    const named = await server.open(descriptorOf(content))
    expect(named.json).toMatchObject({ state: 'COMPLETE', served: 'hit', result: { id: content.id } })
    expect(server.runs()).toBe(1)
  })

  test('works over a bare socket, with a body in chunks and the same connection after it', async () => {
    const server = await TestServer.start(kind)
    const connection = await server.connect()
    await connection.writeHead(`POST ${PATHS.run('gzip')}`, { ...DUPLEX, 'transfer-encoding': 'chunked' })
    await connection.write(chunked(content.part(0, 1)))
    const head = await connection.readHead()
    expect(head.status).toBe(200)
    expect(head.headers).toMatchObject({ 'transfer-encoding': 'chunked' })
    // The first bytes of gzip are there before the last ones of the source.
    await connection.readPast('\x1f')
    await connection.write(chunked(content.bytes.subarray(MIB)))
    await connection.write('0\r\n\r\n')
    await connection.readPast('\r\n0\r\n\r\n')
    await connection.writeHead(`GET ${PATHS.capabilities}`)
    expect((await connection.readHead()).status).toBe(200)
    expect((await server.open(descriptorOf(content, 'gzip'))).json.served).toBe('hit')
  })

  test('answers a hit from the cache, and needs no body for one that is announced', async () => {
    const server = await TestServer.start(kind)
    await server.run('copy', content.bytes)
    const headers = { ...DUPLEX, 'opcache-content': content.id, expect: '100-continue' }
    const connection = await server.connect()
    await connection.writeHead(`POST ${PATHS.run('copy')}`, { ...headers, 'content-length': content.size })
    const head = await connection.readHead()
    expect([head.status, head.headers['opcache-served']]).toEqual([200, 'hit'])
    expect((await connection.readBody(head)).equals(content.bytes)).toBe(true)
    expect(server.runs()).toBe(1)
  })

  test('that fails before any output says so in words, and after some is cut off', async () => {
    const server = await TestServer.start(kind)
    const refused = openRun(server, 'gunzip')
    refused.outgoing.write(content.part(0, 1))
    const answer = await refused.answered
    refused.outgoing.end()
    expect(answer.statusCode).toBe(422)
    expect(JSON.parse((await buffer(answer)).toString()).code).toBe('operation-failed')

    const packed = await server.run('gzip', bytesOf(9 * MIB))
    const broken = openRun(server, 'gunzip')
    // A block of good bytes, then others.
    broken.outgoing.write(Buffer.concat([packed.body, Buffer.alloc(2 * MIB, 'no gzip at all')]))
    const incoming = await broken.answered
    expect(incoming.statusCode).toBe(200)
    await expect(buffer(incoming)).rejects.toThrow()
    expect(incoming.complete).toBe(false)
  })

  test('whose body breaks off leaves nothing', async () => {
    const server = await TestServer.start(kind)
    const { outgoing, answered } = openRun(server, 'copy')
    outgoing.write(content.part(0, 2))
    const incoming = await answered
    outgoing.destroy()
    await expect(buffer(incoming)).rejects.toThrow()
    await until(async () => (await server.send(PATHS.entries)).json.entries.length === 0)
    await until(() => server.events.some(event => event.kind === 'attempt-ended'))
    if (kind === 'embedded') await until(async () => (await server.blobs()).length === 0)
  })

  test('whose body is not what it announced is cut off, and nothing is kept', async () => {
    const server = await TestServer.start(kind)
    const { outgoing, answered } = openRun(server, 'copy', { 'opcache-content': contentOf('other').id })
    outgoing.end(content.bytes)
    const incoming = await answered
    if (incoming.statusCode === 200) await expect(buffer(incoming)).rejects.toThrow()
    else expect(incoming.statusCode).toBe(409)
    await until(async () => (await server.send(PATHS.entries)).json.entries.length === 0)
    expect((await server.content(content)).status).toBe(404)
  })

  test('of what does not stream, or of nothing, is an ordinary run', async () => {
    const server = await TestServer.start(kind, { operations: [scripted('plain')] })
    for (const operation of ['plain', 'copy']) {
      for (const body of [content.bytes, Buffer.alloc(0)]) {
        const answer = await server.run(operation, body, { headers: DUPLEX })
        expect([answer.status, answer.body.equals(body)]).toEqual([200, true])
      }
    }
  })
})

test('curl sees output before its input has ended', async context => {
  if (!(await findTool('curl'))) context.skip('curl is not installed')
  const server = await TestServer.start('memory')
  const curl = spawn('curl', [
    '-sS',
    '--no-buffer',
    '-X',
    'POST',
    // Unlike `-`, which keeps curl in a blocking read of its input while output waits.
    '-T',
    '.',
    '-H',
    'Opcache-Duplex: ?1',
    server.url + PATHS.run('gzip'),
  ])
  onTestFinished(() => void curl.kill())
  const words = buffer(curl.stderr)
  const failed = once(curl, 'exit').then(async () => Promise.reject(new Error(`curl: ${await words}`)))
  failed.catch(() => undefined)
  curl.stdin.write(content.part(0, 2))
  const [first] = (await Promise.race([once(curl.stdout, 'data'), failed])) as [Buffer]
  curl.stdin.end(content.bytes.subarray(2 * MIB))
  const packed = Buffer.concat([first, await buffer(curl.stdout)])
  expect(gunzipSync(packed).equals(content.bytes)).toBe(true)
})
