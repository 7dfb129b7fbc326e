import { Agent } from 'node:http'
import { PATHS } from '@opcache/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../support/content.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'

const content = contentOf('x')
const descriptor = descriptorOf(content)
const key = keyOf(descriptor)

describeStorages('bad input', kind => {
  const bodies: [name: string, body: string | Uint8Array, code?: string, status?: number][] = [
    ['no JSON', '{"descriptor":'],
    ['nothing', ''],
    ['null', 'null'],
    ['a text', '"x"'],
    ['an array', '[]'],
    ['an unknown member', JSON.stringify({ descriptor, more: 1 })],
    ['a source that is no id', JSON.stringify({ descriptor, source: 'x' })],
    ['a negative refresh', JSON.stringify({ descriptor, refresh: -1 })],
    ['a refresh that is no number', JSON.stringify({ descriptor, refresh: '1' })],
    ['two members of one name', `{"descriptor":${JSON.stringify(descriptor)},"refresh":1,"refresh":1}`],
    ['two members of one name, one written otherwise', '{"descriptor":{"v":1,"\\u0076":1}}'],
    ['a lone surrogate', `{"descriptor":${JSON.stringify(descriptor).replace('copy', '\\ud800')}}`],
    ['a number that is too large', '{"descriptor":1e999}'],
    ['what is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a byte order mark', `\ufeff${JSON.stringify({ descriptor })}`],
    ['deep nesting', `{"descriptor":${'['.repeat(33)}${']'.repeat(33)}}`],
    ['very deep nesting', '['.repeat(100_000)],
    ['too many bytes', JSON.stringify({ descriptor, filler: 'x'.repeat(300_000) }), 'too-large', 413],
  ]
  test.each(bodies)('an open with %s is refused', async (_name, body, code = 'bad-request', status = 400) => {
    const server = await TestServer.start(kind)
    const refused = await server.send(PATHS.entry(key), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect([refused.status, refused.json.code]).toEqual([status, code])
    expect(refused.headers['content-type']).toContain('application/problem+json')
    expect(refused.headers['opcache-protocol']).toBe('1')
    expect((await server.entry(descriptor)).status).toBe(404)
  })

  test('an open that is not JSON by its type is refused', async () => {
    const server = await TestServer.start(kind)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'garbage', '']) {
      const refused = await server.postJson(
        PATHS.entry(key),
        { descriptor },
        { headers: { 'content-type': type } },
      )
      expect([refused.status, refused.json.code], type).toEqual([400, 'bad-request'])
    }
    const charset = { 'content-type': 'application/JSON; charset=utf-8' }
    expect((await server.postJson(PATHS.entry(key), { descriptor }, { headers: charset })).status).toBe(202)
  })

  test('members that objects have by themselves are members like others', async () => {
    const server = await TestServer.start(kind)
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const body = `{"descriptor":{"v":1,"content":"${content.id}","operation":{"name":"copy","params":{"${name}":1}}}}`
      const refused = await server.send(PATHS.entry(keyOf(JSON.parse(body).descriptor)), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      expect([refused.status, refused.json.code], name).toEqual([422, 'invalid-params'])
    }
  })

  test('a key that is unknown and one that is none are told alike, byte for byte', async () => {
    const server = await TestServer.start(kind)
    for (const suffix of ['', '/result', '/source']) {
      const unknown = await server.send(`/v1/entries/${'0'.repeat(64)}${suffix}`)
      expect(unknown.json.code).toBe('entry-not-found')
      for (const none of [
        'x',
        'F'.repeat(64),
        '0'.repeat(65),
        `u-${'0'.repeat(36)}`,
        'a%2Fb',
        '%F0%9F%8E%88',
        'x'.repeat(2000),
      ]) {
        const answer = await server.send(`/v1/entries/${none}${suffix}`)
        expect([answer.status, answer.text], none).toEqual([404, unknown.text])
      }
    }
    const deleted = await server.send(PATHS.entry('x'), { method: 'DELETE' })
    expect([deleted.status, deleted.json.code]).toEqual([404, 'entry-not-found'])
  })

  test('a path that nobody knows is not found', async () => {
    const server = await TestServer.start(kind)
    for (const path of ['/', '/v2', '/v1/nothing', '/v1/entries/a/b/c', '/v1//entries']) {
      const answer = await server.send(path)
      expect([answer.status, answer.json.code], path).toEqual([404, 'not-found'])
    }
    expect((await server.send('/%zz')).json.code).toBe('bad-request')
  })

  const methods: [method: string, path: string, allow: string[]][] = [
    ['PUT', PATHS.entry(key), ['DELETE', 'GET', 'HEAD', 'POST']],
    ['POST', PATHS.entries, ['GET', 'HEAD']],
    ['DELETE', PATHS.content(content.id), ['GET', 'HEAD', 'PUT']],
    ['PATCH', PATHS.blocks(content.id, 0), ['PUT']],
    ['GET', PATHS.run('copy'), ['POST']],
    ['HEAD', PATHS.run('copy'), ['POST']],
    ['OPTIONS', PATHS.capabilities, ['GET', 'HEAD']],
    ['POST', PATHS.result(key), ['GET', 'HEAD']],
  ]
  test.each(methods)('%s %s is not allowed, and Allow says what is', async (method, path, allow) => {
    const server = await TestServer.start(kind)
    const refused = await server.send(path, { method, ...(method === 'POST' ? { body: 'abc' } : {}) })
    expect(refused.status).toBe(405)
    if (method !== 'HEAD') expect(refused.json.code).toBe('method-not-allowed')
    expect(refused.headers.allow?.split(', ').sort()).toEqual(allow)
  })

  test('names that climb, break lines or look like others reach nothing, and are in no header', async () => {
    const server = await TestServer.start(kind)
    await server.run('copy', content.bytes)
    const names = [
      '..%2f..%2fetc%2fpasswd',
      '%2e%2e',
      '..%5c..%5c',
      '%00',
      `${key}%00`,
      `${key}%0d%0aset-cookie:%20a=b`,
      `%0d%0aset-cookie:%20a=b`,
      key.replace('a', '%EF%BD%81').replace('0', '%EF%BC%90'),
      key.toUpperCase(),
      `${key}%E2%80%8B`,
      '%C0%AE%C0%AE',
    ]
    for (const name of names) {
      for (const path of [`/v1/entries/${name}`, `/v1/entries/${name}/result`, `/v1/contents/${name}`]) {
        const answer = await server.send(path)
        expect([400, 404], path).toContain(answer.status)
        expect(answer.headers).not.toHaveProperty('set-cookie')
        expect(answer.json.code, path).toMatch(/^(entry-not-found|content-not-found|bad-request|not-found)$/)
      }
      const run = await server.run(name, 'x')
      expect([400, 404], name).toContain(run.status)
    }
    // Dots that no client resolves.
    const connection = await server.connect()
    await connection.writeHead(`GET /v1/entries/../../healthz`)
    expect((await connection.readHead()).status).toBe(404)
  })

  test('names of resources are what they are, character by character', async () => {
    const server = await TestServer.start(kind)
    const names = [
      'caf\u00e9',
      'cafe\u0301',
      '\u{1f388}',
      '\u202egpj.exe',
      '../../etc/passwd',
      'a\0b',
      'a\r\nb: c',
      ' ',
      '\u200b',
    ]
    const keys = new Set<string>()
    for (const name of names) {
      const resource = { name, version: '1' }
      const named = { v: 1 as const, resource, user: 'local', operation: { name: 'copy', params: {} } }
      const opened = await server.open(named, { source: content.id })
      expect(opened.status, name).toBe(202)
      expect((await server.entry(named)).json.descriptor.resource.name).toBe(name)
      keys.add(opened.json.key)
    }
    expect(keys.size).toBe(names.length)
    for (const name of ['', '\ud800', 'a\udc00']) {
      const body = JSON.stringify({
        descriptor: {
          v: 1,
          resource: { name, version: '1' },
          user: 'local',
          operation: { name: 'copy', params: {} },
        },
      })
      const headers = { 'content-type': 'application/json' }
      const refused = await server.send(PATHS.entry('0'.repeat(64)), { method: 'POST', headers, body })
      expect([refused.status, refused.json.code], JSON.stringify(name)).toEqual([400, 'bad-request'])
    }
  })

  test('what is no HTTP is answered with a problem and harms nobody', async () => {
    const server = await TestServer.start(kind)
    const garbage = [
      'nonsense\r\n\r\n',
      '\x16\x03\x01\x02\x00',
      'GET / HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n',
      `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
    ]
    for (const bytes of garbage) {
      const connection = await server.connect()
      await connection.write(bytes)
      const answer = (await connection.readToEnd()).toString()
      expect(answer, bytes).toMatch(/^HTTP\/1\.1 400 /)
      expect(answer).toContain('opcache-protocol: 1')
      expect(answer).toContain('"code":"bad-request"')
    }
    expect((await server.send('/healthz')).status).toBe(200)
  })

  test('a chunk that is none ends a run and leaves nothing', async () => {
    const server = await TestServer.start(kind)
    const connection = await server.connect()
    await connection.writeHead(`POST ${PATHS.run('copy')}`, { 'transfer-encoding': 'chunked' })
    await connection.write('5\r\nhello\r\nnot a length\r\n')
    await connection.readToEnd()
    expect((await server.send(PATHS.entries)).json.entries).toEqual([])
    expect((await server.content(contentOf('hello'))).status).toBe(404)
  })

  test('an early error reaches a client that is still sending', async () => {
    const server = await TestServer.start(kind)
    const body = bytesOf(24 * MIB)
    for (const path of [
      PATHS.run('nothing'),
      PATHS.blocks('0'.repeat(64), 0),
      '/v1/nothing',
      PATHS.entries,
    ]) {
      const refused = await server.send(path, { method: path.includes('blocks') ? 'PUT' : 'POST', body })
      expect(refused.status, path).toBeGreaterThanOrEqual(404)
      expect(refused.json.code).toBeTypeOf('string')
    }
    const json = await server.postJson(PATHS.entry(key), { descriptor, filler: 'x'.repeat(8 * MIB) })
    expect([json.status, json.json.code]).toEqual([413, 'too-large'])
  })

  test('a body that goes on and on after an error costs the connection', async () => {
    const server = await TestServer.start(kind)
    const connection = await server.connect()
    await connection.writeHead(`POST ${PATHS.run('nothing')}`, { 'content-length': 2 ** 40 })
    const head = await connection.readHead()
    expect(head.status).toBe(404)
    const block = Buffer.alloc(MIB)
    const ended = connection.readToEnd().then(() => true)
    let isOver = false
    void ended.then(() => {
      isOver = true
    })
    for (let sent = 0; sent < 1000 && !isOver; sent++) await connection.write(block)
    expect(await ended).toBe(true)
  })

  test('a connection is good for the next request after every kind of error', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const bad = Buffer.from('y')
    const answers = [
      await server.send('/nothing', { agent }),
      await server.send(PATHS.entry(key), { agent, method: 'PATCH', body: bytesOf(MIB) }),
      await server.send(PATHS.entry(key), {
        agent,
        method: 'POST',
        body: '{',
        headers: { 'content-type': 'application/json' },
      }),
      await server.postJson(PATHS.entry('x'), { descriptor }, { agent }),
      await server.send(PATHS.blocks(content.id, 0), { agent, method: 'PUT', body: bytesOf(3 * MIB) }),
      await server.send(PATHS.blocks(content.id, 0), { agent, method: 'PUT', body: bad }),
      await server.send(PATHS.run('nothing'), { agent, method: 'POST', body: bytesOf(MIB) }),
      await server.send(PATHS.run('copy'), {
        agent,
        method: 'POST',
        body: bad,
        headers: { 'opcache-content': content.id },
      }),
      await server.send(PATHS.run('copy'), {
        agent,
        method: 'POST',
        body: bad,
        headers: { 'content-encoding': 'br' },
      }),
      await server.send(PATHS.run('gunzip'), { agent, method: 'POST', body: bad }),
      await server.send('/healthz', { agent }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([
      404, 405, 400, 422, 400, 422, 404, 409, 415, 422, 200,
    ])
    const [port] = answers.map(({ localPort }) => localPort)
    expect(answers.map(({ localPort }) => localPort)).toEqual(answers.map(() => port))
  })
})
