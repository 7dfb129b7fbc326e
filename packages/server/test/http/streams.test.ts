import { PATHS } from '@opcache/protocol'
import { StreamDocument, StreamPartAcknowledgement } from '@opcache/protocol/schemas'
import { Check } from 'typebox/value'
import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf } from '../support/content.js'
import { blockDigests, TestStream } from '../support/stream.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf(bytesOf(5 * MIB + 77))
const other = contentOf(bytesOf(5 * MIB + 77, 2))
const last = content.blocks - 1

describeStorages('streams', kind => {
  test('are created by their first part, take parts in any order, and are the content once sealed', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const acknowledged: unknown[] = []
    for (const [first, count] of [
      [last, 1],
      [2, 2],
      [0, 1],
    ] as const) {
      const answer = await stream.part(content, first, count)
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(Check(StreamPartAcknowledgement, answer.json)).toBe(true)
      acknowledged.push(answer.json)
    }
    expect(acknowledged).toEqual([1, 3, 4].map(presentBlocks => ({ state: 'OPEN', presentBlocks })))
    const open = await stream.document()
    expect(Check(StreamDocument, open.json)).toBe(true)
    expect(open.json).toEqual({
      id: stream.id,
      state: 'OPEN',
      present: [
        [0, 1],
        [2, 2],
        [5, 1],
      ],
      presentBlocks: 4,
      content: null,
      unitBlocks: 1,
      partBlocks: 8,
    })
    await stream.part(content, 0, content.blocks)
    const sealed = await stream.seal(content)
    expect(sealed.status).toBe(200)
    expect(sealed.json).toMatchObject({ id: content.id, size: content.size, state: 'COMPLETE', missing: [] })
    expect((await stream.document()).json).toMatchObject({
      state: 'SEALED',
      present: [[0, 6]],
      presentBlocks: 6,
      content: content.id,
    })
    await server.open(descriptorOf(content))
    const result = await server.result(descriptorOf(content), { prefer: 'wait=300' })
    expect(result.body.equals(content.bytes)).toBe(true)
    if (kind === 'embedded') expect(await server.blobs()).toHaveLength(1)
  })

  test('have a manifest once they are sealed: that of the content', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    await stream.part(content, 0, content.blocks)
    expect((await server.send(PATHS.manifest(stream.id))).status).toBe(404)
    await stream.seal(content)
    const manifest = await server.send(PATHS.manifest(stream.id))
    expect(manifest.body.equals(content.manifest)).toBe(true)
    expect(manifest.headers['opcache-content-size']).toBe(String(content.size))
    expect((await server.send(PATHS.manifest(content.id))).body.equals(content.manifest)).toBe(true)
  })

  test('are not declared: what they are, nobody knows yet', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const refused = await server.declare({ ...content, id: stream.id as never })
    expect([refused.status, refused.json.code]).toEqual([404, 'content-not-found'])
  })

  test('take blocks again without harm', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    for (let turn = 0; turn < 3; turn++) {
      const answer = await stream.part(content, 1, 3)
      expect(answer.json).toEqual({ state: 'OPEN', presentBlocks: 3 })
    }
    await Promise.all(Array.from({ length: 4 }, () => stream.part(content, 0, content.blocks)))
    expect((await stream.seal(content)).status).toBe(200)
  })

  test('keep what came whole before a cut', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const connection = await server.connect()
    await connection.writeHead(`PUT ${PATHS.blocks(stream.id, 0)}`, {
      'content-length': content.size,
      'opcache-block-digests': blockDigests(content, 0, content.blocks),
    })
    await connection.write(content.bytes.subarray(0, 2.5 * MIB))
    connection.destroy()
    await until(async () => (await stream.document()).json?.presentBlocks === 2)
    expect((await stream.document()).json.present).toEqual([[0, 2]])
    await stream.part(content, 2, 4)
    expect((await stream.seal(content)).status).toBe(200)
  })

  test('refuse a block that is not what its digest announced, with its index; those before it stay', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const bytes = Buffer.from(content.bytes)
    bytes[3 * MIB + 5]! ^= 1
    const refused = await stream.part({ ...content, part: () => bytes }, 0, content.blocks)
    expect([refused.status, refused.json.code, refused.json.block]).toEqual([422, 'block-mismatch', 3])
    expect((await stream.document()).json).toMatchObject({ present: [[0, 3]], presentBlocks: 3 })
    await stream.part(content, 3, 3)
    expect((await stream.seal(content)).status).toBe(200)
  })

  test('refuse another block under an index that is present, and one of another length', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    await stream.part(content, 1, 1)
    const refused = await stream.part(other, 0, 3)
    expect([refused.status, refused.json.code, refused.json.block]).toEqual([409, 'content-mismatch', 1])
    expect((await stream.document()).json.presentBlocks).toBe(1)
    const short = contentOf(content.part(0, 2).subarray(0, 2 * MIB - 1))
    expect((await stream.part(short, 1, 1)).status).toBe(409)
  })

  test('refuse another block before a byte of it is sent', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    await stream.part(content, 1, 1)
    const connection = await server.connect()
    await connection.writeHead(`PUT ${PATHS.blocks(stream.id, 1)}`, {
      expect: '100-continue',
      'content-length': MIB,
      'opcache-block-digests': blockDigests(other, 1, 1),
    })
    const head = await connection.readHead()
    expect(head.status).toBe(409)
    expect(head.headers.connection).toBe('close')
  })

  test('never mix the bytes of two clients that send different ones at once', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const answers = await Promise.all(
      [content, other].flatMap(sent =>
        Array.from({ length: sent.blocks }, (_, index) => stream.part(sent, index, 1)),
      ),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([
      ...Array(6).fill(200),
      ...Array(6).fill(409),
    ])
    // What the stream is now is told by who won each index; its bytes are exactly those.
    const winners = Array.from({ length: 6 }, (_, index) =>
      answers[index]?.status === 200 ? content : other,
    )
    const mixed = contentOf(Buffer.concat(winners.map((winner, index) => winner.part(index, 1))))
    expect((await stream.seal(mixed)).status).toBe(200)
    await server.open(descriptorOf(mixed))
    const result = await server.result(descriptorOf(mixed), { prefer: 'wait=300' })
    expect(result.body.equals(mixed.bytes)).toBe(true)
  })

  const malformed: [name: string, headers: Record<string, string>][] = [
    ['without digests', { 'opcache-block-digests': '' }],
    ['with one digest too few', { 'opcache-block-digests': blockDigests(content, 0, 1) }],
    ['with one digest too many', { 'opcache-block-digests': blockDigests(content, 0, 3) }],
    ['with half a digest', { 'opcache-block-digests': Buffer.alloc(48).toString('base64') }],
    ['with digests that are no base64', { 'opcache-block-digests': '!'.repeat(88) }],
    ['with digests in hex', { 'opcache-block-digests': '0'.repeat(128) }],
  ]
  test.each(malformed)('refuse a part %s', async (_name, headers) => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const refused = await stream.part(content, 0, 2, { headers })
    expect([refused.status, refused.json.code]).toEqual([400, 'bad-request'])
    expect((await stream.document()).status).toBe(404)
  })

  test('refuse parts of no bytes, at no number, beyond the largest content, and of too many blocks', async () => {
    const server = await TestServer.start(kind)
    const huge = contentOf(bytesOf(65 * MIB, 3))
    const code = async (first: number | string, count: number, body: Buffer) => {
      const answer = await server.send(PATHS.blocks(new TestStream(server).id, first), {
        method: 'PUT',
        headers: { 'opcache-block-digests': blockDigests(huge, 0, count) },
        body,
      })
      return answer.json.code
    }
    expect(await code(0, 1, Buffer.alloc(0))).toBe('bad-request')
    expect(await code('x', 1, Buffer.alloc(MIB))).toBe('bad-request')
    expect(await code(2 ** 20, 1, Buffer.alloc(MIB))).toBe('too-large')
    expect(await code(0, 65, huge.bytes)).toBe('too-large')
  })

  test('refuse a part without a length, and an encoded one', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const connection = await server.connect()
    await connection.writeHead(`PUT ${PATHS.blocks(stream.id, 0)}`, {
      'transfer-encoding': 'chunked',
      'opcache-block-digests': blockDigests(content, 0, 1),
    })
    expect((await connection.readHead()).status).toBe(411)
    const encoded = await stream.part(content, 0, 1, { headers: { 'content-encoding': 'gzip' } })
    expect(encoded.status).toBe(415)
  })

  test('answer in place of leave to send: present, being received, or leave', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    await stream.part(content, 0, 1)
    const begin = async (first: number) => {
      const connection = await server.connect()
      await connection.writeHead(`PUT ${PATHS.blocks(stream.id, first)}`, {
        expect: '100-continue',
        'content-length': MIB,
        'opcache-block-digests': blockDigests(content, first, 1),
      })
      const head = await connection.readHead()
      const body = head.status === 100 ? undefined : (await connection.readBody(head)).toString()
      return { connection, status: head.status, json: body && JSON.parse(body) }
    }
    expect(await begin(0)).toMatchObject({ status: 200, json: { state: 'OPEN', presentBlocks: 1 } })
    const first = await begin(1)
    expect(first.status).toBe(100)
    await until(async () => (await begin(1)).json?.inFlight === true)
    await first.connection.write(content.part(1, 1))
    expect((await first.connection.readHead()).status).toBe(200)
    expect((await begin(1)).json).toEqual({ state: 'OPEN', presentBlocks: 2 })
  })

  test('unknown and malformed ids are told alike', async () => {
    const server = await TestServer.start(kind)
    const unknown = await new TestStream(server).document()
    expect([unknown.status, unknown.json.code]).toEqual([404, 'content-not-found'])
    const uuid = new TestStream(server).id
    // Of another version.
    const timed = `${uuid.slice(0, 16)}1${uuid.slice(17)}`
    for (const id of [uuid.toUpperCase(), timed, `${uuid}0`, 'u-', 'u-x']) {
      expect((await server.send(PATHS.content(id))).text, id).toBe(unknown.text)
      const part = await new TestStream(server, {}, id).part(content, 0, 1)
      expect([part.status, part.json.code], id).toEqual([404, 'content-not-found'])
      expect((await new TestStream(server, {}, id).seal(content)).status, id).toBe(404)
    }
  })

  test('live in the space that is named', async () => {
    const server = await TestServer.start(kind)
    const own = new TestStream(server, { 'opcache-space': 'private' })
    const shared = new TestStream(server, {}, own.id)
    await own.part(content, 0, content.blocks)
    expect((await shared.document()).status).toBe(404)
    await shared.part(other, 0, 1)
    expect((await own.seal(content)).status).toBe(200)
    expect((await server.content(content)).status).toBe(404)
    expect((await server.content(content, own.headers)).json.state).toBe('COMPLETE')
    expect((await shared.document()).json).toMatchObject({ state: 'OPEN', presentBlocks: 1 })
  })
})
