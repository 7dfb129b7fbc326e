import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../support/content.js'
import { Gate } from '../support/gate.js'
import { scripted } from '../support/scripted.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'

const content = contentOf(bytesOf(2 * MIB + 100))
const { size } = content
const descriptor = descriptorOf(content)
const path = PATHS.result(keyOf(descriptor))
const etag = `"${content.id}"`

async function startWithResult(kind: 'memory' | 'embedded') {
  const server = await TestServer.start(kind)
  await server.run('copy', content.bytes)
  return server
}

describeStorages('results', kind => {
  test('carry what a cache and a browser must know', async () => {
    const server = await startWithResult(kind)
    const answer = await server.send(path)
    expect(answer.headers).toMatchObject({
      etag,
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-transform',
      'x-content-type-options': 'nosniff',
      'content-type': 'application/octet-stream',
      'content-length': `${size}`,
      'content-disposition': 'attachment; filename="result"',
      'opcache-protocol': '1',
    })
    expect(answer.body.equals(content.bytes)).toBe(true)
  })

  const ranges: [header: string, start: number, end: number][] = [
    ['bytes=0-0', 0, 0],
    ['bytes=0-', 0, size - 1],
    ['bytes=5-9', 5, 9],
    [`bytes=${MIB - 1}-${MIB}`, MIB - 1, MIB],
    [`bytes=${size - 1}-`, size - 1, size - 1],
    ['bytes=-1', size - 1, size - 1],
    [`bytes=-${size + 5}`, 0, size - 1],
    [`bytes=100-${size + 100}`, 100, size - 1],
    [`bytes=${MIB}-${2 * MIB}`, MIB, 2 * MIB],
  ]
  test.each(ranges)('%s is answered with that range', async (range, start, end) => {
    const server = await startWithResult(kind)
    const answer = await server.send(path, { headers: { range } })
    expect(answer.status).toBe(206)
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${end}/${size}`)
    expect(answer.headers['content-length']).toBe(`${end - start + 1}`)
    expect(answer.headers.etag).toBe(etag)
    expect(answer.body.equals(content.bytes.subarray(start, end + 1))).toBe(true)
  })

  test('a range outside of the bytes is not satisfiable', async () => {
    const server = await startWithResult(kind)
    for (const range of [`bytes=${size}-`, `bytes=${size}-${size + 5}`, 'bytes=-0']) {
      const answer = await server.send(path, { headers: { range } })
      expect([answer.status, answer.json.code], range).toEqual([416, 'range-not-satisfiable'])
      expect(answer.headers['content-range']).toBe(`bytes */${size}`)
    }
    const empty = await server.run('copy', '', { headers: { range: 'bytes=0-' } })
    expect(empty.headers['content-range']).toBe('bytes */0')
  })

  test('ranges that are malformed, many or of another unit are answered with everything', async () => {
    const server = await startWithResult(kind)
    for (const range of [
      'bytes',
      'bytes=',
      'bytes=a-b',
      'bytes=9-5',
      'items=0-1',
      'items=99999999-',
      'bytes=0-1,5-6',
    ]) {
      const answer = await server.send(path, { headers: { range } })
      expect([answer.status, answer.body.length], range).toEqual([200, size])
    }
  })

  test('a range holds only for the bytes that If-Range names', async () => {
    const server = await startWithResult(kind)
    const status = async (ifRange: string) =>
      (await server.send(path, { headers: { range: 'bytes=0-4', 'if-range': ifRange } })).status
    expect(await status(etag)).toBe(206)
    expect(await status('"other"')).toBe(200)
    expect(await status(`W/${etag}`)).toBe(200)
    expect(await status(new Date().toUTCString())).toBe(200)
  })

  test('who has the bytes already is told so', async () => {
    const server = await startWithResult(kind)
    for (const known of [etag, `W/${etag}`, `"a", ${etag}`, '*']) {
      const answer = await server.send(path, { headers: { 'if-none-match': known, range: 'bytes=0-4' } })
      expect([answer.status, answer.body.length, answer.headers.etag], known).toEqual([304, 0, etag])
    }
    expect((await server.send(path, { headers: { 'if-none-match': '"a"' } })).status).toBe(200)
  })

  test('HEAD has the fields of GET and no bytes', async () => {
    const server = await startWithResult(kind)
    const head = await server.send(path, { method: 'HEAD', headers: { range: 'bytes=0-4' } })
    const get = await server.send(path)
    expect([head.status, head.body.length]).toEqual([200, 0])
    for (const name of ['etag', 'content-length', 'content-type', 'accept-ranges', 'content-disposition']) {
      expect(head.headers[name], name).toBe(get.headers[name])
    }
    for (const other of [
      PATHS.entry(keyOf(descriptor)),
      PATHS.content(content.id),
      '/v1',
      '/healthz',
      '/v1/entries',
    ]) {
      const answer = await server.send(other, { method: 'HEAD' })
      expect([answer.status, answer.body.length], other).toEqual([200, 0])
    }
    const events = await server.send(PATHS.entry(keyOf(descriptor)), {
      method: 'HEAD',
      headers: { accept: 'text/event-stream' },
    })
    expect(events.status).toBe(200)
  })

  test('one that is not there yet is answered with the document', async () => {
    const gate = new Gate()
    const slow = scripted('slow', { run: (_run, _context, source) => gate.opened.then(() => source) })
    const server = await TestServer.start(kind, { operations: [slow] })
    const own = descriptorOf(content, 'slow')
    await server.open(own)
    const uploading = await server.result(own)
    expect([uploading.status, uploading.json.state]).toEqual([202, 'UPLOADING'])
    await server.upload(content)
    const processing = await server.result(own, { prefer: 'wait=0' })
    expect([processing.status, processing.json.state]).toEqual([202, 'PROCESSING'])
    expect(Number(processing.headers['retry-after'])).toBeGreaterThan(0)
    gate.open()
    expect((await server.result(own, { prefer: 'wait=300' })).status).toBe(200)
  })

  test('the source is answered likewise', async () => {
    const server = await TestServer.start(kind)
    const own = descriptorOf(content, 'gzip')
    const source = PATHS.source(keyOf(own))
    await server.open(own)
    expect((await server.send(source)).json.code).toBe('content-not-found')
    await server.upload(content)
    const part = await server.send(source, { headers: { range: 'bytes=1-5' } })
    expect([part.status, part.body.equals(content.bytes.subarray(1, 6))]).toEqual([206, true])
    expect((await server.send(source)).headers.etag).toBe(etag)
  })

  test('a reader that is slow gets every byte', async () => {
    const server = await TestServer.start(kind)
    const big = contentOf(bytesOf(24 * MIB, 8))
    await server.run('copy', big.bytes, { headers: { prefer: 'wait=0' } })
    await server.entry(descriptorOf(big), { prefer: 'wait=300' })
    const connection = await server.connect()
    await connection.writeHead(`GET ${PATHS.result(keyOf(descriptorOf(big)))}`)
    const head = await connection.readHead()
    connection.pause()
    // Others are served meanwhile, and even a deletion of the entry takes nothing from who reads.
    expect((await server.send('/healthz')).status).toBe(200)
    await server.send(PATHS.entry(keyOf(descriptorOf(big))), { method: 'DELETE' })
    connection.resume()
    expect((await connection.readBody(head)).equals(big.bytes)).toBe(true)
  })

  test('a reader that leaves does no harm', async () => {
    const server = await startWithResult(kind)
    for (let reader = 0; reader < 20; reader++) {
      const connection = await server.connect()
      await connection.writeHead(`GET ${path}`)
      await connection.readHead()
      connection.destroy()
    }
    expect((await server.send(path)).body.equals(content.bytes)).toBe(true)
  })
})
