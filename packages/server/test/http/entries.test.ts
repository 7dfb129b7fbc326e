import { randomUUID } from 'node:crypto'
import { type Descriptor, PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../support/content.js'
import { Gate } from '../support/gate.js'
import { orStopped, scripted } from '../support/scripted.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf('the source')
const descriptor = descriptorOf(content)

describeStorages('entries', kind => {
  test('an open of what nobody has begun asks for the source', async () => {
    const server = await TestServer.start(kind)
    const opened = await server.open(descriptor)
    expect(opened.status).toBe(202)
    expect(opened.headers['cache-control']).toBe('no-store')
    expect(opened.headers['opcache-protocol']).toBe('1')
    expect(opened.json).toMatchObject({
      key: keyOf(descriptor),
      state: 'UPLOADING',
      revision: 1,
      attempt: 0,
      source: null,
      served: 'miss',
      operationVersion: '1',
      descriptor,
    })
    for (const time of ['createdAt', 'updatedAt', 'expiresAt']) {
      expect(opened.json[time]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    }
  })

  test('an open is idempotent and tells what is missing', async () => {
    const server = await TestServer.start(kind)
    await server.open(descriptor)
    await server.declare(content)
    const again = await server.open(descriptor)
    expect(again.json).toMatchObject({
      state: 'UPLOADING',
      served: 'joined',
      source: { id: content.id, state: 'PARTIAL', missing: [[0, 1]], missingBlocks: 1 },
    })
    expect(server.runs()).toBe(0)
  })

  test('the last block starts the operation without a further call', async () => {
    const server = await TestServer.start(kind)
    await server.open(descriptor)
    await server.upload(content)
    const done = await server.entry(descriptor, { prefer: 'wait=300' })
    expect(done.status).toBe(200)
    expect(done.json).toMatchObject({ state: 'COMPLETE', attempt: 1, result: { id: content.id, size: 10 } })
    expect((await server.open(descriptor)).json).toMatchObject({ served: 'hit', attempt: 1 })
    expect(server.runs()).toBe(1)
  })

  test('declaring, sending and opening come in any order', async () => {
    const server = await TestServer.start(kind)
    const orders = [
      ['open', 'declare', 'part'],
      ['declare', 'open', 'part'],
      ['declare', 'part', 'open'],
    ]
    for (const [seed, order] of orders.entries()) {
      const own = contentOf(bytesOf(1000, seed))
      for (const step of order) {
        if (step === 'open') await server.open(descriptorOf(own))
        if (step === 'declare') await server.declare(own)
        if (step === 'part') await server.part(own, 0, 1)
      }
      const done = await server.entry(descriptorOf(own), { prefer: 'wait=300' })
      expect(done.json, order.join()).toMatchObject({ state: 'COMPLETE', attempt: 1 })
    }
  })

  test('the empty content has nothing to send', async () => {
    const server = await TestServer.start(kind)
    const empty = contentOf('')
    await server.open(descriptorOf(empty))
    expect((await server.declare(empty)).json).toMatchObject({ state: 'COMPLETE', missing: [], size: 0 })
    const done = await server.entry(descriptorOf(empty), { prefer: 'wait=300' })
    expect(done.json).toMatchObject({ state: 'COMPLETE', result: { size: 0 } })
    const result = await server.result(descriptorOf(empty))
    expect([result.status, result.body.length, result.headers['content-length']]).toEqual([200, 0, '0'])
  })

  test('a status never creates', async () => {
    const server = await TestServer.start(kind)
    expect((await server.entry(descriptor)).status).toBe(404)
    expect((await server.send(PATHS.entries)).json).toEqual({ entries: [], next: null })
  })

  test('a key that is not that of the descriptor is refused', async () => {
    const server = await TestServer.start(kind)
    for (const key of ['0'.repeat(64), 'nonsense', keyOf(descriptor).toUpperCase(), `u-${'0'.repeat(36)}`]) {
      const refused = await server.postJson(PATHS.entry(key), { descriptor })
      expect([refused.status, refused.json.code], key).toEqual([422, 'key-mismatch'])
    }
  })

  const broken: [name: string, change: Record<string, unknown>, status: number, code: string][] = [
    ['no version', { v: undefined }, 400, 'bad-request'],
    ['another version', { v: 2 }, 400, 'bad-request'],
    ['no operation', { operation: undefined }, 400, 'bad-request'],
    ['no parameters', { operation: { name: 'copy' } }, 400, 'bad-request'],
    ['parameters that are no object', { operation: { name: 'copy', params: [] } }, 400, 'bad-request'],
    ['an unknown member', { extra: 1 }, 400, 'bad-request'],
    ['a content that is no id', { content: 'ABC' }, 400, 'bad-request'],
    ['an empty user', { user: '' }, 400, 'bad-request'],
    ['an empty salt', { salt: '' }, 400, 'bad-request'],
    ['a resource without version', { resource: { name: 'a' } }, 400, 'bad-request'],
    ['neither content nor resource', { content: undefined, user: 'local' }, 400, 'bad-request'],
    [
      'a resource for everybody',
      { content: undefined, resource: { name: 'a', version: '1' } },
      400,
      'bad-request',
    ],
    ['another user', { user: 'somebody' }, 403, 'forbidden'],
    ['an unknown operation', { operation: { name: 'nothing', params: {} } }, 404, 'operation-not-found'],
    [
      'parameters that the operation does not take',
      { operation: { name: 'copy', params: { speed: 1 } } },
      422,
      'invalid-params',
    ],
    [
      'parameters of the wrong type',
      { operation: { name: 'gzip', params: { level: 'x' } } },
      422,
      'invalid-params',
    ],
  ]
  test.each(broken)('a descriptor with %s is refused', async (_name, change, status, code) => {
    const server = await TestServer.start(kind)
    const bad = JSON.parse(JSON.stringify({ ...descriptor, ...change })) as Descriptor
    const refused = await server.open(bad)
    expect([refused.status, refused.json.code, refused.json.status]).toEqual([status, code, status])
    expect(refused.headers['content-type']).toContain('application/problem+json')
    expect((await server.entry(bad)).status).toBe(404)
  })

  test('checks come in the order of the protocol: syntax, key, user, operation, parameters', async () => {
    const server = await TestServer.start(kind)
    const bad = { ...descriptorOf(content, 'nothing', { x: 1 }), user: 'somebody' }
    const code = async (path: string, body: unknown) => (await server.postJson(path, body)).json.code
    expect(await code(PATHS.entry('0'.repeat(64)), { descriptor: { ...bad, v: 2 } })).toBe('bad-request')
    expect(await code(PATHS.entry('0'.repeat(64)), { descriptor: bad })).toBe('key-mismatch')
    expect((await server.open(bad)).json.code).toBe('forbidden')
    expect((await server.open({ ...bad, user: 'local' })).json.code).toBe('operation-not-found')
  })

  test('a resource of a user needs a source, once, and the first one stays', async () => {
    const server = await TestServer.start(kind)
    const document: Descriptor = {
      v: 1,
      resource: { name: 'document 42', version: '7' },
      operation: { name: 'copy', params: {} },
      user: 'local',
    }
    expect((await server.open(document)).json).toMatchObject({ state: 'UPLOADING', source: null })
    await server.upload(content, { 'opcache-space': 'private' })
    expect((await server.open(document, { source: content.id })).status).toBeLessThan(300)
    const other = await server.open(document, { source: contentOf('other').id })
    expect([other.status, other.json.code]).toEqual([409, 'content-mismatch'])
    const done = await server.entry(document, { prefer: 'wait=300' })
    expect(done.json).toMatchObject({ state: 'COMPLETE', source: { id: content.id } })
    expect((await server.open(document)).json).toMatchObject({ served: 'hit' })
  })

  test('a source that is not the content of the descriptor is refused and creates nothing', async () => {
    const server = await TestServer.start(kind)
    const refused = await server.open(descriptor, { source: contentOf('other').id })
    expect([refused.status, refused.json.code]).toEqual([409, 'content-mismatch'])
    expect((await server.entry(descriptor)).status).toBe(404)
    expect((await server.open(descriptor, { source: content.id })).status).toBe(202)
  })

  test('an unshared key keeps its descriptor, and lacks both content and resource', async () => {
    const server = await TestServer.start(kind)
    const key = `u-${randomUUID()}`
    const unshared = { v: 1, operation: { name: 'gzip', params: { level: 1 } } }
    const opened = await server.postJson(PATHS.entry(key), { descriptor: unshared, source: content.id })
    expect(opened.json).toMatchObject({ key, state: 'UPLOADING', descriptor: unshared })
    const reordered = { operation: { params: { level: 1 }, name: 'gzip' }, v: 1 }
    expect((await server.postJson(PATHS.entry(key), { descriptor: reordered })).status).toBe(202)
    const other = { v: 1, operation: { name: 'gzip', params: { level: 2 } } }
    const conflict = await server.postJson(PATHS.entry(key), { descriptor: other })
    expect([conflict.status, conflict.json.code]).toEqual([409, 'descriptor-conflict'])
    await server.upload(content)
    const done = await server.send(PATHS.entry(key), { headers: { prefer: 'wait=300' } })
    expect(done.json.state).toBe('COMPLETE')
  })

  test('an unshared key lives where the user of its descriptor says, and nowhere else', async () => {
    const server = await TestServer.start(kind)
    const path = PATHS.entry(`u-${randomUUID()}`)
    const own = { v: 1, operation: { name: 'copy', params: {} }, user: 'local' }
    await server.upload(content)
    await server.postJson(path, { descriptor: own, source: content.id })
    expect((await server.send(path)).json).toMatchObject({ state: 'UPLOADING', source: null })
    const { user, ...shared } = own
    const conflict = await server.postJson(path, { descriptor: shared, source: content.id })
    expect([conflict.status, conflict.json.code]).toEqual([409, 'descriptor-conflict'])
    await server.upload(content, { 'opcache-space': 'private' })
    expect((await server.send(path, { headers: { prefer: 'wait=300' } })).json.state).toBe('COMPLETE')
  })

  test('a source that is stored serves another operation without an upload', async () => {
    const server = await TestServer.start(kind)
    await server.run('copy', content.bytes)
    const opened = await server.open(descriptorOf(content, 'gzip'))
    expect(opened.json.state).not.toBe('UPLOADING')
    const done = await server.entry(descriptorOf(content, 'gzip'), { prefer: 'wait=300' })
    expect(done.json).toMatchObject({ state: 'COMPLETE', result: { type: 'application/gzip' } })
  })

  test('a result is a content of its own, and the source of the next operation', async () => {
    const server = await TestServer.start(kind)
    const zipped = await server.run('gzip', content.bytes)
    const result = contentOf(zipped.body)
    expect((await server.content(result)).json).toMatchObject({ id: result.id, state: 'COMPLETE' })
    const next = descriptorOf(result, 'gunzip')
    expect((await server.open(next)).json.state).not.toBe('UPLOADING')
    expect((await server.result(next, { prefer: 'wait=300' })).text).toBe('the source')
  })

  test('parameters that differ, and salts that differ, are entries of their own', async () => {
    const server = await TestServer.start(kind)
    await server.upload(content)
    const level = (level: number, salt?: string) =>
      server.open({ ...descriptorOf(content, 'gzip', { level }), ...(salt === undefined ? {} : { salt }) })
    const answers = [await level(1), await level(2), await level(1, 'a'), await level(1, 'b'), await level(1)]
    expect(new Set(answers.map(({ json }) => json.key)).size).toBe(4)
    await until(() => server.runs('gzip') === 4)
  })

  test('an operation gets the defaults of its parameters, the descriptor stays as it was sent', async () => {
    const seen: unknown[] = []
    const withDefault = scripted('defaulted', {
      params: { type: 'object', properties: { depth: { type: 'integer', default: 3 } } },
      run: (_run, { params }, source) => {
        seen.push(params)
        return source
      },
    })
    const server = await TestServer.start(kind, { operations: [withDefault] })
    await server.run('defaulted', content.bytes)
    expect(seen).toEqual([{ depth: 3 }])
    expect((await server.entry(descriptorOf(content, 'defaulted'))).json.descriptor.operation.params).toEqual(
      {},
    )
  })

  test('a deletion forgets the entry and cancels its attempt; its contents stay', async () => {
    const gate = new Gate()
    const stopped = new Gate()
    const slow = scripted('slow', {
      run: async (_run, { signal }, source) => {
        signal.addEventListener('abort', () => stopped.open(), { once: true })
        await orStopped(gate.opened, signal)
        return source
      },
    })
    const server = await TestServer.start(kind, { operations: [slow] })
    const own = descriptorOf(content, 'slow')
    await server.upload(content)
    await server.open(own)
    await until(() => server.runs('slow') === 1)
    const waiting = server.entry(own, { prefer: 'wait=300' })
    const deleted = await server.send(PATHS.entry(keyOf(own)), { method: 'DELETE' })
    expect([deleted.status, deleted.text]).toEqual([204, ''])
    expect((await waiting).json.code).toBe('entry-not-found')
    await stopped.opened
    expect((await server.entry(own)).status).toBe(404)
    expect((await server.send(PATHS.entry(keyOf(own)), { method: 'DELETE' })).status).toBe(404)
    expect((await server.content(content)).json.state).toBe('COMPLETE')
    gate.open()
    expect((await server.open(own)).json).toMatchObject({ served: 'miss', attempt: 1 })
    expect((await server.result(own, { prefer: 'wait=300' })).text).toBe('the source')
  })

  test('the list has the newest first, pages, and filters by state', async () => {
    let time = Date.now()
    const server = await TestServer.start(kind, { now: () => time })
    const keys: string[] = []
    for (let salt = 0; salt < 7; salt++) {
      time += 1000
      const own = { ...descriptor, salt: `${salt}` }
      keys.unshift(keyOf(own))
      await server.open(own)
    }
    const listed: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page = await server.send(`${PATHS.entries}?limit=3${cursor && `&cursor=${cursor}`}`)
      expect(page.json.entries.length).toBeLessThanOrEqual(3)
      listed.push(...page.json.entries.map(({ key }: { key: string }) => key))
      cursor = page.json.next
    }
    expect(listed).toEqual(keys)
    const states = async (state: string) =>
      (await server.send(`${PATHS.entries}?state=${state}`)).json.entries.length
    expect([await states('UPLOADING'), await states('COMPLETE')]).toEqual([7, 0])
    time += 365 * 24 * 3600 * 1000
    expect((await server.send(PATHS.entries)).json.entries).toEqual([])
  })

  test.each(['limit=0', 'limit=1001', 'limit=x', 'limit=1.5', 'state=DONE', 'order=up', 'cursor=a&cursor=b'])(
    'a list refuses %s',
    async query => {
      const server = await TestServer.start(kind)
      const refused = await server.send(`${PATHS.entries}?${query}`)
      expect([refused.status, refused.json.code]).toEqual([400, 'bad-request'])
    },
  )

  test('a cursor that was never given leads to an empty page', async () => {
    const server = await TestServer.start(kind)
    await server.open(descriptor)
    for (const cursor of ['nonsense', 'W10', encodeURIComponent('[1,2,3]')]) {
      const page = await server.send(`${PATHS.entries}?cursor=${cursor}`)
      expect(page.json, cursor).toEqual({ entries: [], next: null })
    }
  })

  test('progress is told while an attempt runs', async () => {
    const gate = new Gate()
    const telling = scripted('telling', {
      run: async (_run, { progress }, source) => {
        progress({ fraction: 0.25, message: 'a quarter' })
        await gate.opened
        return source
      },
    })
    const server = await TestServer.start(kind, { operations: [telling] })
    await server.upload(content)
    const own = descriptorOf(content, 'telling')
    await server.open(own)
    await until(async () => (await server.entry(own)).json.progress?.message === 'a quarter')
    gate.open()
    const done = await server.entry(own, { prefer: 'wait=300' })
    expect(done.json.state).toBe('COMPLETE')
    expect(done.json.progress).toBeUndefined()
  })

  test('the revision grows at every change', async () => {
    const server = await TestServer.start(kind)
    const big = contentOf(bytesOf(2 * MIB))
    const first = (await server.open(descriptorOf(big))).json.revision
    await server.upload(big)
    const last = (await server.entry(descriptorOf(big), { prefer: 'wait=300' })).json.revision
    expect(last).toBeGreaterThanOrEqual(first + 2)
  })
})
