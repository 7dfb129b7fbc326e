import { randomUUID } from 'node:crypto'
import { type Descriptor, PATHS } from '@opcache/protocol'
import { EntryDocument } from '@opcache/protocol/schemas'
import { Check } from 'typebox/value'
import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../support/content.js'
import { Gate } from '../support/gate.js'
import { scripted } from '../support/scripted.js'
import { TestStream } from '../support/stream.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'

const content = contentOf(bytesOf(2 * MIB + 9))
const other = contentOf('other')
const inPrivate = { 'opcache-space': 'private' }
const unshared: Descriptor = { v: 1, operation: { name: 'copy', params: {} } }
const ofResource: Descriptor = {
  ...unshared,
  resource: { name: 'document 42', version: '7' },
  user: 'local',
}

/** Opens an unshared entry. */
function opener(server: TestServer, descriptor: Descriptor = unshared) {
  const path = PATHS.entry(`u-${randomUUID()}`)
  return {
    open: (rest: object = {}) => server.postJson(path, { descriptor, ...rest }),
    entry: () => server.send(path, { headers: { prefer: 'wait=300' } }),
    now: () => server.send(path),
    get: (rest: string) => server.send(path + rest),
  }
}

describeStorages('an entry whose source is a stream', kind => {
  test('waits until it is sealed, and shows the stream until then', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const entry = opener(server)
    expect((await entry.open({ source: stream.id })).json).toMatchObject({ state: 'UPLOADING', source: null })
    await stream.part(content, 0, content.blocks)
    const waiting = await entry.now()
    expect(Check(EntryDocument, waiting.json)).toBe(true)
    expect(waiting.json).toMatchObject({ state: 'UPLOADING', source: { id: stream.id, presentBlocks: 3 } })
    await stream.seal(content)
    const done = await entry.entry()
    expect(done.json).toMatchObject({
      state: 'COMPLETE',
      attempt: 1,
      source: { id: content.id, state: 'COMPLETE' },
      result: { id: content.id },
    })
    expect((await entry.get('/source')).body.equals(content.bytes)).toBe(true)
    const result = await entry.get('/result')
    expect(result.headers.etag).toBe(`"${content.id}"`)
    expect(result.body.equals(content.bytes)).toBe(true)
    expect(server.runs()).toBe(1)
  })

  test('starts at once where the stream is sealed already', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    await stream.send(content)
    const entry = opener(server)
    expect((await entry.open({ source: stream.id })).json).toMatchObject({ source: { id: content.id } })
    expect((await entry.entry()).json.state).toBe('COMPLETE')
  })

  test('of the empty content needs no part', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const entry = opener(server)
    await entry.open({ source: stream.id })
    await stream.seal(contentOf(''))
    expect((await entry.entry()).json).toMatchObject({ state: 'COMPLETE', result: { size: 0 } })
  })

  test('can be told later, and the first one stays', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const entry = opener(server)
    await entry.open()
    await entry.open({ source: stream.id })
    expect((await entry.open({ source: stream.id })).status).toBe(202)
    for (const source of [new TestStream(server).id, content.id]) {
      const refused = await entry.open({ source })
      expect([refused.status, refused.json.code]).toEqual([409, 'content-mismatch'])
    }
    await stream.send(content)
    // The stream, the content that it became, and another stream of the same content are one source.
    const again = new TestStream(server)
    await again.send(content)
    for (const source of [stream.id, content.id, again.id]) {
      expect((await entry.open({ source })).status).toBeLessThan(300)
    }
    const different = new TestStream(server)
    await different.send(other)
    for (const source of [different.id, other.id]) expect((await entry.open({ source })).status).toBe(409)
  })

  test('is that of its descriptor, where that names a content', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    await stream.part(content, 0, content.blocks)
    const open = () => server.open(descriptorOf(content), { source: stream.id })
    expect((await open()).status).toBe(409)
    await stream.seal(content)
    expect((await open()).status).toBeLessThan(300)
    expect((await server.open(descriptorOf(other), { source: stream.id })).status).toBe(409)
  })

  test('runs again from what is stored', async () => {
    const flaky = scripted('flaky', {
      run: (run, _context, source) => {
        if (run === 1) throw new Error('It broke.')
        return source
      },
    })
    const server = await TestServer.start(kind, { operations: [flaky] })
    const stream = new TestStream(server)
    const entry = opener(server, { ...unshared, operation: { name: 'flaky', params: {} } })
    await entry.open({ source: stream.id })
    await stream.send(content)
    expect((await entry.entry()).json).toMatchObject({ state: 'FAILED', attempt: 1 })
    expect((await entry.open({ source: stream.id })).json).toMatchObject({
      state: 'PROCESSING',
      served: 'miss',
    })
    expect((await entry.entry()).json).toMatchObject({ state: 'COMPLETE', attempt: 2 })
    expect((await entry.open({ refresh: 2 })).json).toMatchObject({ state: 'PROCESSING' })
    expect((await entry.entry()).json).toMatchObject({ state: 'COMPLETE', attempt: 3 })
    expect(flaky.runs).toBe(3)
  })

  test('begins once, however many entries, opens and seals there are', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const entries = Array.from({ length: 10 }, () => opener(server))
    await stream.part(content, 0, content.blocks)
    await Promise.all([
      ...entries.flatMap(({ open }) => [open({ source: stream.id }), open({ source: stream.id })]),
      stream.seal(content),
      stream.seal(content),
    ])
    for (const { entry } of entries)
      expect((await entry()).json).toMatchObject({ state: 'COMPLETE', attempt: 1 })
    expect(server.runs()).toBe(10)
  })
})

describeStorages('a result made from a stream', kind => {
  test('is a hit for who comes with the bytes', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const gzip = { name: 'gzip', params: {} }
    const entry = opener(server, { ...unshared, operation: gzip, salt: 's' })
    await entry.open({ source: stream.id })
    await stream.send(content)
    const { result } = (await entry.entry()).json
    const named = { ...descriptorOf(content, 'gzip'), salt: 's' }
    expect((await server.open(named)).json).toMatchObject({
      key: keyOf(named),
      state: 'COMPLETE',
      served: 'hit',
      attempt: 1,
      source: { id: content.id, state: 'COMPLETE' },
      result,
    })
    expect(server.runs()).toBe(1)
    expect((await server.entry(descriptorOf(content, 'gzip'))).status).toBe(404)
  })

  test('of a resource is found by the content of the same user', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server, inPrivate)
    expect((await server.open(ofResource, { source: stream.id })).json.state).toBe('UPLOADING')
    await stream.send(content)
    expect((await server.entry(ofResource, { prefer: 'wait=300' })).json.state).toBe('COMPLETE')
    const named = { ...descriptorOf(content), user: 'local' }
    expect((await server.open(named)).json).toMatchObject({ served: 'hit', descriptor: named })
    expect((await server.entry(descriptorOf(content))).status).toBe(404)
  })

  test('completes an entry there that waits for its source or has failed', async () => {
    const flaky = scripted('flaky', {
      run: (run, _context, source) => {
        if (run === 1) throw new Error('It broke.')
        return source
      },
    })
    const server = await TestServer.start(kind, { operations: [flaky] })
    const named = descriptorOf(content, 'flaky')
    await server.run('flaky', content.bytes)
    expect((await server.entry(named)).json).toMatchObject({ state: 'FAILED', attempt: 1 })
    const stream = new TestStream(server)
    const entry = opener(server, { ...unshared, operation: named.operation })
    await entry.open({ source: stream.id })
    await stream.send(content)
    expect((await entry.entry()).json.state).toBe('COMPLETE')
    expect((await server.open(named)).json).toMatchObject({ state: 'COMPLETE', served: 'hit', attempt: 2 })
    expect(flaky.runs).toBe(2)
  })

  test('replaces no result that can be served, and no attempt that is under way', async () => {
    const gate = new Gate()
    const counting = scripted('counting', {
      run: async run => {
        if (run === 2) await gate.opened
        return `run ${run}`
      },
    })
    // One attempt is held while others run.
    const server = await TestServer.start(kind, { operations: [counting], concurrency: 2 })
    const named = descriptorOf(content, 'counting')
    const first = await server.run('counting', content.bytes)
    expect(first.text).toBe('run 1')
    await server.open(named, { refresh: 1 })
    const runOfStream = async () => {
      const stream = new TestStream(server)
      const entry = opener(server, { ...unshared, operation: named.operation })
      await entry.open({ source: stream.id })
      await stream.send(content)
      return (await entry.entry()).json.state
    }
    expect(await runOfStream()).toBe('COMPLETE')
    expect((await server.entry(named)).json).toMatchObject({ state: 'PROCESSING', attempt: 2 })
    gate.open()
    expect((await server.entry(named, { prefer: 'wait=300' })).json).toMatchObject({ attempt: 2 })
    expect((await server.result(named)).text).toBe('run 2')
    expect(await runOfStream()).toBe('COMPLETE')
    expect((await server.result(named)).text).toBe('run 2')
    expect(counting.runs).toBe(4)
  })
})
