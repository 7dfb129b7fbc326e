import { Readable } from 'node:stream'
import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../support/content.js'
import { Gate } from '../support/gate.js'
import { OperationError, scripted } from '../support/scripted.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf('to be run')

describeStorages('run', kind => {
  test('the answer is the result, with the key and how it was served', async () => {
    const server = await TestServer.start(kind)
    const first = await server.run('copy', content.bytes)
    expect(first.status).toBe(200)
    expect(first.text).toBe('to be run')
    expect(first.headers).toMatchObject({
      'opcache-key': keyOf(descriptorOf(content)),
      'opcache-served': 'miss',
      'opcache-attempt': '1',
      'opcache-protocol': '1',
      etag: `"${content.id}"`,
    })
    const second = await server.run('copy', content.bytes)
    expect([second.text, second.headers['opcache-served']]).toEqual(['to be run', 'hit'])
    expect(server.runs()).toBe(1)
  })

  test('who prefers the least is answered with the document in place of the bytes, made now or before', async () => {
    const server = await TestServer.start(kind)
    for (const served of ['miss', 'hit']) {
      const answer = await server.run('copy', content.bytes, {
        headers: { prefer: 'wait=300, return=minimal', 'opcache-content': content.id },
      })
      expect([answer.status, answer.headers]).toMatchObject([
        200,
        {
          'preference-applied': 'return=minimal',
          'opcache-served': served,
          location: PATHS.result(keyOf(descriptorOf(content))),
        },
      ])
      expect(answer.json).toMatchObject({ state: 'COMPLETE', result: { id: content.id } })
    }
    const failed = await server.run('gunzip', 'x', { headers: { prefer: 'return=minimal' } })
    expect([failed.status, failed.json.code]).toEqual([422, 'operation-failed'])
  })

  test('parameters come from the query: JSON where it is JSON, text elsewhere', async () => {
    const seen: unknown[] = []
    const any = scripted('any', {
      run: (_run, { params }, source) => {
        seen.push(params)
        return source
      },
    })
    const server = await TestServer.start(kind, { operations: [any] })
    await server.send(`${PATHS.run('any')}?page=1&to=png&name="1"&free=a+b%26c&list=[1]&none=`, {
      method: 'POST',
      body: 'x',
    })
    expect(seen).toEqual([{ page: 1, to: 'png', name: '1', free: 'a b&c', list: [1], none: '' }])
    const repeated = await server.send(`${PATHS.run('any')}?page=1&page=2`, { method: 'POST', body: 'x' })
    expect([repeated.status, repeated.json.code]).toEqual([400, 'bad-request'])
    const broken = await server.send(`${PATHS.run('any')}?page=%zz`, { method: 'POST', body: 'x' })
    expect([broken.status, broken.json.code]).toEqual([400, 'bad-request'])
  })

  test('a body of unknown length is taken in chunks', async () => {
    const server = await TestServer.start(kind)
    const bytes = bytesOf(3 * MIB + 11)
    const pieces = [bytes.subarray(0, 10), bytes.subarray(10, 2 * MIB), bytes.subarray(2 * MIB)]
    const answer = await server.run('copy', Readable.from(pieces))
    expect(answer.body.equals(bytes)).toBe(true)
  })

  test('an empty body is the empty content', async () => {
    const server = await TestServer.start(kind)
    const answer = await server.run('gzip', '')
    expect(answer.status).toBe(200)
    expect((await server.run('gunzip', answer.body)).body.length).toBe(0)
    const bodiless = await server.send(PATHS.run('copy'), { method: 'POST' })
    expect([bodiless.status, bodiless.body.length]).toEqual([200, 0])
  })

  test('an unknown operation and bad parameters are refused before the body is stored', async () => {
    const server = await TestServer.start(kind)
    const unknown = await server.run('nothing', content.bytes)
    expect([unknown.status, unknown.json.code]).toEqual([404, 'operation-not-found'])
    const bad = await server.send(`${PATHS.run('copy')}?speed=1`, { method: 'POST', body: content.bytes })
    expect([bad.status, bad.json.code]).toEqual([422, 'invalid-params'])
    expect((await server.content(content)).status).toBe(404)
  })

  test('an encoded body is refused', async () => {
    const server = await TestServer.start(kind)
    const refused = await server.run('copy', content.bytes, { headers: { 'content-encoding': 'gzip' } })
    expect([refused.status, refused.json.code]).toEqual([415, 'unsupported-encoding'])
  })

  test('a body that is not the announced content is refused and nothing is kept', async () => {
    const server = await TestServer.start(kind)
    const announced = contentOf('something else')
    const refused = await server.run('copy', content.bytes, { headers: { 'opcache-content': announced.id } })
    expect([refused.status, refused.json.code]).toEqual([409, 'content-mismatch'])
    for (const { id } of [content, announced]) expect((await server.content({ id })).status).toBe(404)
    expect((await server.entry(descriptorOf(announced))).status).toBe(404)
    if (kind === 'embedded') expect(await server.blobs()).toEqual([])
    const malformed = await server.run('copy', content.bytes, { headers: { 'opcache-content': 'xyz' } })
    expect([malformed.status, malformed.json.code]).toEqual([400, 'bad-request'])
  })

  test('a body beyond the limit is refused, announced or not', async () => {
    const server = await TestServer.start(kind, { limits: { maxContentBytes: MIB } })
    const tooMuch = bytesOf(MIB + 1)
    for (const body of [tooMuch, Readable.from([tooMuch])]) {
      const refused = await server.run('copy', body)
      expect([refused.status, refused.json.code]).toEqual([413, 'too-large'])
    }
    expect((await server.run('copy', bytesOf(MIB))).status).toBe(200)
    if (kind === 'embedded') expect(await server.blobs()).toHaveLength(1)
  })

  test('a client that leaves in the middle of its body leaves nothing behind', async () => {
    const server = await TestServer.start(kind)
    const connection = await server.connect()
    await connection.writeHead(`POST ${PATHS.run('copy')}`, { 'content-length': 4 * MIB })
    await connection.write(bytesOf(2.5 * MIB))
    if (kind === 'embedded') await until(async () => (await server.blobs()).length === 1)
    connection.destroy()
    if (kind === 'embedded') await until(async () => (await server.blobs()).length === 0)
    expect((await server.send(PATHS.entries)).json.entries).toEqual([])
  })

  test('what takes longer than the wait is answered with where the result will be', async () => {
    const gate = new Gate()
    const slow = scripted('slow', { run: async (_run, _context, source) => gate.opened.then(() => source) })
    const server = await TestServer.start(kind, { operations: [slow] })
    const answer = await server.run('slow', content.bytes, { headers: { prefer: 'wait=0' } })
    const key = keyOf(descriptorOf(content, 'slow'))
    expect(answer.status).toBe(202)
    expect(answer.headers).toMatchObject({ location: PATHS.result(key), 'opcache-key': key })
    expect(answer.json).toMatchObject({ state: 'PROCESSING', attempt: 1 })
    gate.open()
    const result = await server.send(answer.headers.location ?? '', { headers: { prefer: 'wait=300' } })
    expect(result.text).toBe('to be run')
  })

  test('a salt is an entry of its own, the private space as well', async () => {
    const server = await TestServer.start(kind)
    const keys = new Set<unknown>()
    for (const headers of [
      {},
      { 'opcache-salt': 'a' },
      { 'opcache-space': 'private' },
      { 'opcache-space': 'shared' },
    ]) {
      const answer = await server.run('copy', content.bytes, { headers: headers as Record<string, string> })
      expect(answer.status).toBe(200)
      keys.add(answer.headers['opcache-key'])
    }
    expect(keys.size).toBe(3)
    const key = keyOf({ ...descriptorOf(content), user: 'local' })
    expect((await server.send(PATHS.entry(key))).json.descriptor.user).toBe('local')
  })

  test('a failure that would happen again is remembered; an accident is run again', async () => {
    const failing = scripted('failing', {
      run: () => {
        throw new OperationError('page 9 does not exist')
      },
    })
    const flaky = scripted('flaky', {
      run: (run, _context, source) => {
        if (run < 3) throw new Error(`accident ${run}`)
        return source
      },
    })
    let time = Date.now()
    const server = await TestServer.start(kind, { operations: [failing, flaky], now: () => time })
    for (let round = 0; round < 2; round++) {
      const failed = await server.run('failing', content.bytes)
      expect([failed.status, failed.json.code]).toEqual([422, 'operation-failed'])
      expect(failed.json).toMatchObject({ detail: 'page 9 does not exist', deterministic: true })
    }
    expect(failing.runs).toBe(1)
    expect((await server.open(descriptorOf(content, 'failing'))).json).toMatchObject({
      state: 'FAILED',
      served: 'hit',
      error: { code: 'operation-failed', deterministic: true },
    })
    time += 3601 * 1000
    await server.run('failing', content.bytes)
    expect(failing.runs).toBe(2)

    expect((await server.run('flaky', content.bytes)).json).toMatchObject({
      detail: 'accident 1',
      deterministic: false,
    })
    const entry = await server.entry(descriptorOf(content, 'flaky'))
    expect([entry.status, entry.json.state]).toEqual([200, 'FAILED'])
    expect((await server.result(descriptorOf(content, 'flaky'))).json.code).toBe('operation-failed')
    expect((await server.run('flaky', content.bytes)).json.detail).toBe('accident 2')
    expect((await server.run('flaky', content.bytes)).text).toBe('to be run')
  })

  test('the type and the name of a result are the operation’s, made safe', async () => {
    const naming = scripted('naming', {
      type: 'text/plain; charset=utf-8',
      name: '../../etc/Ünïcode "x"\r\n.txt',
    })
    const server = await TestServer.start(kind, { operations: [naming] })
    const answer = await server.run('naming', content.bytes)
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
    const disposition = answer.headers['content-disposition'] ?? ''
    expect(disposition).toMatch(/^attachment; filename=/)
    expect(decodeURIComponent(disposition)).toContain('Ünïcode _x___.txt')
    expect(disposition).not.toContain('etc')
  })

  test('names that headers cannot carry as they are do no harm', async () => {
    const names = [
      '',
      '.',
      '..',
      'CON',
      '🎈'.repeat(150),
      `${'a'.repeat(199)}🎈🎈`,
      '\ud800',
      'x'.repeat(5000),
    ]
    const naming = names.map((name, index) => scripted(`naming-${index}`, { name }))
    const server = await TestServer.start(kind, { operations: naming })
    for (const { name } of naming) {
      const answer = await server.run(name, content.bytes)
      expect([answer.status, answer.text], name).toEqual([200, 'to be run'])
    }
  })
})
