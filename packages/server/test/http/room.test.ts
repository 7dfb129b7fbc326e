import { Readable } from 'node:stream'
import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/engine/limits.js'
import { bytesOf, type Content, contentOf, descriptorOf } from '../support/content.js'
import { Tokens } from '../support/credentials.js'
import { Gate } from '../support/gate.js'
import { scripted } from '../support/scripted.js'
import type { Answer } from '../support/send.js'
import { blockDigests, TestStream } from '../support/stream.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

/** Contents of two blocks. */
const [a, b, c, d] = [1, 2, 3, 4].map(seed => contentOf(bytesOf(2 * MIB, seed))) as [
  ReturnType<typeof contentOf>,
  ReturnType<typeof contentOf>,
  ReturnType<typeof contentOf>,
  ReturnType<typeof contentOf>,
]

/** Room for three of them. */
const limits = { maxStoreBytes: 6 * MIB }

describeStorages('a store with a bound', kind => {
  test('forgets what was used least recently for what comes, and nothing else', async () => {
    const time = { now: Date.now() }
    // Below its soft limit with three of them and a small result, so that nothing goes before there is need.
    const roomy = { maxStoreBytes: 7.5 * MIB }
    const server = await TestServer.start(kind, { limits: roomy, now: () => time.now })
    for (const content of [a, b, c]) {
      await server.upload(content)
      time.now += 1000
    }
    // A use: from now on the second is the oldest.
    await server.open(descriptorOf(a, 'gzip'))
    expect((await server.result(descriptorOf(a, 'gzip'), { prefer: 'wait=300' })).status).toBe(200)
    time.now += 1000
    await server.upload(d)
    const states = await Promise.all(
      [a, b, c, d].map(async content => (await server.content(content)).status),
    )
    expect(states).toEqual([200, 404, 200, 200])
    if (kind === 'embedded') expect(await server.blobs()).toHaveLength(4)
  })

  test('refuses a declaration before bytes are taken where everything is in use, and takes it afterwards', async () => {
    const gate = new Gate()
    const slow = scripted('slow', { run: () => gate.opened.then(() => 'done') })
    const server = await TestServer.start(kind, {
      limits: { maxStoreBytes: 6 * MIB + 100 },
      operations: [slow],
      concurrency: 1,
    })
    for (const content of [a, b, c]) {
      await server.upload(content)
      // The first one runs; the others wait for the worker.
      expect((await server.open(descriptorOf(content, 'slow'))).json.state).toBe('PROCESSING')
    }
    const refused = await server.declare(d)
    expect(refused).toMatchObject({ status: 503, json: { code: 'storage-full' } })
    expect(refused.headers['retry-after']).toBeDefined()
    expect(await server.content(d)).toMatchObject({ status: 404 })
    for (const content of [a, b, c]) expect((await server.content(content)).json.state).toBe('COMPLETE')

    gate.open()
    for (const content of [a, b, c])
      expect((await server.result(descriptorOf(content, 'slow'), { prefer: 'wait=300' })).text).toBe('done')
    await server.upload(d)
    expect((await server.content(d)).json).toMatchObject({ state: 'COMPLETE' })
  })

  test('forgets nothing where that would not make room enough', async () => {
    const gate = new Gate()
    const slow = scripted('slow', { run: () => gate.opened.then(() => 'done') })
    // Below its soft limit, so that nothing goes before there is need.
    const roomy = { maxStoreBytes: 6.9 * MIB }
    const server = await TestServer.start(kind, { limits: roomy, operations: [slow], concurrency: 1 })
    for (const content of [a, b, c]) await server.upload(content)
    for (const content of [a, b]) await server.open(descriptorOf(content, 'slow'))
    const large = contentOf(bytesOf(3 * MIB, 6))
    expect(await server.declare(large)).toMatchObject({ status: 503, json: { code: 'storage-full' } })
    expect((await server.content(c)).json).toMatchObject({ state: 'COMPLETE' })
    expect((await server.declare(d)).status).toBe(200)
    expect((await server.content(c)).status).toBe(404)
    gate.open()
  })

  test('never promises the same room twice', async () => {
    const server = await TestServer.start(kind, { limits })
    const answers = await Promise.all([a, b, c, d].map(content => server.declare(content)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 503])
  })

  test('refuses a part before its body is asked for', async () => {
    const server = await TestServer.start(kind, { limits: { maxStoreBytes: 3 * MIB } })
    const first = new TestStream(server)
    expect((await first.part(a, 0, 2)).status).toBe(200)
    // Bytes are coming for it.
    const receiving = await server.connect()
    await server.declare(contentOf(bytesOf(MIB, 9)))
    const other = new TestStream(server)
    await receiving.writeHead(`PUT ${PATHS.blocks(other.id, 0)}`, {
      'content-length': 3 * MIB,
      'opcache-block-digests': blockDigests(contentOf(bytesOf(3 * MIB, 5)), 0, 3),
      expect: '100-continue',
    })
    const { status } = await receiving.readHead()
    expect(status).toBe(503)
    expect((await other.document()).status).toBe(404)
  })

  test('refuses a run whose body it has no room for, before that is asked for', async () => {
    const server = await TestServer.start(kind, { limits: { maxStoreBytes: 3 * MIB } })
    // Bytes are coming for it.
    await server.declare(contentOf(bytesOf(MIB, 9)))
    const connection = await server.connect()
    await connection.writeHead(`POST ${PATHS.run('copy')}`, {
      'content-length': 3 * MIB,
      'opcache-content': a.id,
      expect: '100-continue',
    })
    expect((await connection.readHead()).status).toBe(503)
    expect((await server.run('copy', Buffer.alloc(MIB))).status).toBe(200)
  })

  test('tells a content that it could never take from one that has to wait', async () => {
    const server = await TestServer.start(kind, { limits })
    const tooLarge = { status: 413, json: { code: 'too-large' } }
    const large = contentOf(bytesOf(7 * MIB, 5))
    expect(await server.declare(large)).toMatchObject(tooLarge)
    expect(await server.run('copy', large.bytes)).toMatchObject(tooLarge)
    expect(await server.run('copy', Readable.from([large.bytes]))).toMatchObject(tooLarge)
    expect(await new TestStream(server).part(large, 6, 1)).toMatchObject(tooLarge)
    expect((await server.send(PATHS.capabilities)).json.maxContentBytes).toBe(6 * MIB)
  })

  test('takes a body whose end nobody knows as far as there is room, and one that could never fit is too large', async () => {
    const short = scripted('short', { run: () => 'x' })
    const server = await TestServer.start(kind, { limits: { maxStoreBytes: 24 * MIB }, operations: [short] })
    const run = (sizeBytes: number) => server.run('short', Readable.from([Buffer.alloc(sizeBytes)]))
    expect(await run(25 * MIB)).toMatchObject({ status: 413, json: { code: 'too-large' } })
    expect((await run(24 * MIB - 1)).text).toBe('x')
  })

  test('tells that there was no room for a result, also where its operation only knows that it was ended', async () => {
    const server = await TestServer.start(kind, { limits: { maxStoreBytes: 3 * MIB } })
    await server.upload(a)
    await server.open(descriptorOf(a))
    expect(await server.result(descriptorOf(a), { prefer: 'wait=300' })).toMatchObject({
      status: 503,
      json: { code: 'storage-full' },
    })
  })

  test('lists an entry whose result was forgotten as what it is, and begins nothing for that', async () => {
    const time = { now: Date.now() }
    const server = await TestServer.start(kind, { limits, now: () => time.now })
    await server.upload(a)
    await server.open(descriptorOf(a))
    await server.result(descriptorOf(a), { prefer: 'wait=300' })
    const listed = async (query: string) => {
      const { json } = await server.send(`${PATHS.entries}${query}`)
      return json.entries.map(({ state, result }: { state: string; result?: object }) => [
        state,
        Boolean(result),
      ])
    }
    expect(await listed('?state=COMPLETE')).toEqual([['COMPLETE', true]])
    time.now += (DEFAULT_LIMITS.resultHoldSeconds + 60) * 1000
    for (const content of [b, c, d]) await server.upload(content)
    expect(await listed('?state=COMPLETE')).toEqual([])
    expect(await listed('')).toEqual([['UPLOADING', false]])
    expect((await server.entry(descriptorOf(a))).json.state).toBe('UPLOADING')
    expect(server.runs()).toBe(1)
  })

  test('holds a result that somebody was told of, until it was delivered', async () => {
    const time = { now: Date.now() }
    const server = await TestServer.start(kind, { limits, now: () => time.now })
    const fill = async () => {
      for (const content of [b, c, d]) await server.upload(content)
    }
    await server.upload(a)
    await server.open(descriptorOf(a))
    await until(async () => (await server.entry(descriptorOf(a))).json.state === 'COMPLETE')
    await fill()
    expect((await server.result(descriptorOf(a))).body.equals(a.bytes)).toBe(true)
    await fill()
    expect((await server.content(a)).status).toBe(404)
    // A hit that cannot be given is a miss.
    expect((await server.open(descriptorOf(a))).json).toMatchObject({ state: 'UPLOADING', served: 'miss' })
    await server.upload(a)
    await until(async () => (await server.entry(descriptorOf(a))).json.state === 'COMPLETE')
    await fill()
    time.now += DEFAULT_LIMITS.resultHoldSeconds * 2000
    // Nobody came.
    await fill()
    expect((await server.content(a)).status).toBe(404)
  })

  test('takes one result after another where each was delivered, however small it is', async () => {
    const server = await TestServer.start(kind, { limits })
    for (let seed = 10; seed < 20; seed++) {
      const content = contentOf(bytesOf(2 * MIB, seed))
      await server.upload(content)
      await server.open(descriptorOf(content))
      const made = await server.result(descriptorOf(content), { prefer: 'wait=300' })
      expect(made.body.equals(content.bytes)).toBe(true)
    }
  })

  test('gives back the room of what failed', async () => {
    const failing = scripted('failing', {
      run: async () => {
        throw new Error('no')
      },
    })
    const server = await TestServer.start(kind, { limits, operations: [failing] })
    for (let round = 0; round < 5; round++) {
      await server.run('failing', a.bytes)
      const wrong = await server.run('copy', b.bytes, { headers: { 'opcache-content': c.id } })
      expect(wrong.status).toBe(409)
    }
    for (const content of [b, c, d]) await server.upload(content)
    expect((await server.content(d)).json.state).toBe('COMPLETE')
  })

  test('forgets in the background above nine tenths, before there is need', async () => {
    const server = await TestServer.start(kind, { limits: { maxStoreBytes: 10 * MIB } })
    const many = Array.from({ length: 10 }, (_, seed) => contentOf(bytesOf(MIB, 20 + seed)))
    for (const content of many) await server.upload(content)
    await until(async () => (await server.content(many[0]!)).status === 404)
    expect((await server.content(many[9]!)).status).toBe(200)
  })

  test('lets no more uploads begin, and no more bytes come, of any number that are tried at a time', async () => {
    const many = Array.from({ length: 20 }, (_, seed) => contentOf(bytesOf(2 * MIB, 50 + seed)))
    /** Does something with all of them at a time, then one after the other: as many are let in as may be, and no more. */
    const expectLetIn = async (count: number, act: (content: Content, index: number) => Promise<Answer>) => {
      const atOnce = (await Promise.all(many.map(act))).filter(({ status }) => status === 200).length
      expect(atOnce).toBeLessThanOrEqual(count)
      const after: Answer[] = []
      for (const [index, content] of many.entries()) after.push(await act(content, index))
      const refused = after.filter(({ status }) => status !== 200)
      expect(refused).toHaveLength(many.length - count)
      for (const answer of refused)
        expect(answer).toMatchObject({ status: 429, json: { code: 'rate-limited' } })
    }
    const few = await TestServer.start(kind, { limits: { maxUnfinishedUploads: 5 } })
    const streams = many.map(() => new TestStream(few))
    await expectLetIn(5, (content, index) =>
      index % 2 ? few.declare(content) : streams[index]!.part(content, 0, 1),
    )
    const small = await TestServer.start(kind, { limits: { maxUnfinishedBytes: 4 * MIB } })
    for (const content of many) await small.declare(content)
    await expectLetIn(4, content => small.part(content, 0, 1))
  })

  test('counts each byte of a part that is coming once, be it stored already or not', async () => {
    const server = await TestServer.start(kind, { limits: { maxUnfinishedBytes: 4 * MIB } })
    const content = contentOf(bytesOf(6 * MIB, 7))
    const stream = new TestStream(server)
    await server.declare(content)
    /** Sends half of a part, once its sender is given leave. */
    const sendHalf = async (id: string, headers = {}) => {
      for (;;) {
        const sender = await server.connect()
        const head = { 'content-length': 2 * MIB, expect: '100-continue', ...headers }
        await sender.writeHead(`PUT ${PATHS.blocks(id, 0)}`, head)
        // What is being stored at this very moment may be counted twice.
        if ((await sender.readHead()).status !== 100) continue
        await sender.write(content.part(0, 1))
        return sender
      }
    }
    await sendHalf(content.id)
    await until(async () => (await server.content(content)).json.missingBlocks === 5)
    const streaming = await sendHalf(stream.id, { 'opcache-block-digests': blockDigests(content, 0, 2) })
    await until(async () => (await stream.document()).json.presentBlocks === 1)
    // Two blocks are stored and two are coming.
    expect((await server.part(content, 4, 1)).status).toBe(429)
    streaming.destroy()
    await until(async () => (await server.part(content, 4, 1)).status === 200)
    expect((await server.part(content, 5, 1)).status).toBe(429)
  })

  test('lets no more come in one body that is a stream', async () => {
    const server = await TestServer.start(kind, { limits: { maxUnfinishedBytes: 1.5 * MIB } })
    const duplex = { headers: { 'opcache-duplex': '?1' } }
    // Each of them is over when the next one comes.
    for (let round = 0; round < 3; round++)
      expect((await server.run('gzip', Buffer.alloc(MIB), duplex)).status).toBe(200)
    const held = new TestStream(server)
    expect((await held.part(contentOf(bytesOf(1000, 8)), 0, 1)).status).toBe(200)
    expect(await server.run('gzip', Buffer.alloc(2 * MIB), duplex)).toMatchObject({
      status: 429,
      json: { code: 'rate-limited' },
    })
  })

  test('lets a user have so many unfinished uploads, and others theirs', async () => {
    const tokens = await Tokens.make()
    const [anna, bert] = [await tokens.add({ user: 'anna' }), await tokens.add({ user: 'bert' })]
    const server = await TestServer.start(kind, {
      auth: { tokens: tokens.path },
      limits: { maxUnfinishedUploads: 2, maxUnfinishedBytes: 3 * MIB },
    })
    expect((await server.declare(a, anna)).status).toBe(200)
    const stream = new TestStream(server, anna)
    expect((await stream.part(b, 0, 1)).status).toBe(200)
    expect(await server.declare(c, anna)).toMatchObject({ status: 429, json: { code: 'rate-limited' } })
    expect(await new TestStream(server, anna).part(c, 0, 1)).toMatchObject({ status: 429 })
    expect((await server.declare(c, bert)).status).toBe(200)
    // Declared again, it is the same one.
    expect((await server.declare(a, anna)).status).toBe(200)
    await server.upload(a, anna)
    expect((await server.declare(d, anna)).status).toBe(200)
    // One block is in the stream already.
    expect((await stream.part(contentOf(bytesOf(5 * MIB, 2)), 1, 3)).status).toBe(429)
  })
})
