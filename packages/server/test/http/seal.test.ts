import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf } from '../support/content.js'
import { blockDigests, TestStream } from '../support/stream.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'

const content = contentOf(bytesOf(3 * MIB + 9))
const empty = contentOf('')

async function expectStored(server: TestServer): Promise<void> {
  expect((await server.content(content)).json).toMatchObject({ state: 'COMPLETE', missingBlocks: 0 })
  await server.open(descriptorOf(content))
  const result = await server.result(descriptorOf(content), { prefer: 'wait=300' })
  expect(result.body.equals(content.bytes)).toBe(true)
}

describeStorages('a seal', kind => {
  test('that is wrong says why and changes nothing; the stream goes on', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    await stream.part(content, 0, 1)
    await stream.part(content, 2, 2)
    const refused = async (end: { size: number; id: string }, reason: RegExp) => {
      const answer = await stream.seal(end)
      expect([answer.status, answer.json.code]).toEqual([409, 'content-mismatch'])
      expect(answer.json.detail).toMatch(reason)
      expect((await stream.document()).json.state).toBe('OPEN')
    }
    await refused(content, /Block 1 .* is missing/)
    await stream.part(content, 1, 1)
    await refused({ ...content, size: content.size + 1 }, /Block 3 has 9 bytes/)
    await refused({ ...content, size: content.size - 9 }, /Block 3 .* beyond the end/)
    await refused({ ...content, size: 5 * MIB }, /Block 3 has 9 bytes/)
    await refused(empty, /Block 0 .* beyond the end/)
    await refused({ ...content, id: '0'.repeat(64) }, new RegExp(`are the content ${content.id}`))
    expect((await server.content(content)).status).toBe(404)
    expect((await stream.seal(content)).status).toBe(200)
    await expectStored(server)
  })

  test('finds a short block in the middle', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const short = contentOf(bytesOf(MIB - 3, 4))
    await stream.part(content, 0, 1)
    const headers = { 'opcache-block-digests': blockDigests(short, 0, 1) }
    await stream.part(content, 1, 1, { body: short.bytes, headers })
    await stream.part(content, 2, 1)
    const refused = await stream.seal({ ...content, size: 3 * MIB })
    expect([refused.status, refused.json.code]).toEqual([409, 'content-mismatch'])
    expect(refused.json.detail).toMatch(/Block 1 has 1048573 bytes/)
  })

  test('is repeated with the same answer, and not as something else', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    await stream.send(content)
    const [one, two] = [await stream.seal(content), await stream.seal(content)]
    expect([one.status, two.text]).toEqual([200, one.text])
    for (const end of [empty, { ...content, size: 1 }, { ...content, id: empty.id }]) {
      expect((await stream.seal(end)).status).toBe(409)
    }
  })

  test('of the empty content needs no part, and no other content does without', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    expect((await stream.seal({ ...content, size: 0 })).status).toBe(404)
    expect((await stream.seal({ ...empty, size: 1 })).status).toBe(404)
    expect((await stream.seal(content)).status).toBe(404)
    expect((await stream.document()).status).toBe(404)
    const sealed = await stream.seal(empty)
    expect(sealed.json).toMatchObject({ id: empty.id, size: 0, state: 'COMPLETE' })
    expect((await stream.document()).json).toMatchObject({ state: 'SEALED', present: [], presentBlocks: 0 })
    expect((await stream.seal(empty)).status).toBe(200)
  })

  test('that is no seal is refused', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    for (const body of [{}, { size: 1 }, { size: -1, content: empty.id }, { size: 0, content: stream.id }]) {
      const refused = await server.postJson(PATHS.seal(stream.id), body)
      expect([refused.status, refused.json.code]).toEqual([400, 'bad-request'])
    }
    const other = await server.send(PATHS.seal(stream.id), { method: 'GET' })
    expect([other.status, other.headers.allow]).toEqual([405, 'POST'])
  })

  test('joins a content that is there: its bytes stay', async () => {
    const server = await TestServer.start(kind)
    await server.upload(content)
    const stream = new TestStream(server)
    expect((await stream.send(content)).json).toMatchObject({ id: content.id, state: 'COMPLETE' })
    if (kind === 'embedded') expect(await server.blobs()).toHaveLength(1)
    await expectStored(server)
  })

  test('completes a content of which only a part is there, and starts what waits for it', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    await server.part(content, 1, 1)
    await server.open(descriptorOf(content))
    await new TestStream(server).send(content)
    expect((await server.entry(descriptorOf(content), { prefer: 'wait=300' })).json.state).toBe('COMPLETE')
    await expectStored(server)
    if (kind === 'embedded') expect(await server.blobs()).toHaveLength(1)
  })

  test('leaves parts that come again as they are, and refuses others', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    await stream.send(content)
    const sealed = { state: 'SEALED', presentBlocks: 4 }
    expect((await stream.part(content, 0, 4)).json).toEqual(sealed)
    expect((await stream.part(content, 3, 1)).json).toEqual(sealed)
    const longer = contentOf(Buffer.concat([content.part(0, 3), bytesOf(2 * MIB, 5)]))
    for (const [first, count] of [
      [3, 1],
      [4, 1],
      [2, 3],
    ] as const) {
      const refused = await stream.part(longer, first, count)
      expect([refused.status, refused.json.code]).toEqual([409, 'content-mismatch'])
    }
    await expectStored(server)
  })

  test('that races with parts and other seals is won once, and the content is whole', async () => {
    const server = await TestServer.start(kind)
    for (let round = 0; round < 5; round++) {
      const sent = contentOf(bytesOf(3 * MIB + 9, round))
      const stream = new TestStream(server)
      await stream.part(sent, 0, 3)
      const answers = await Promise.all([
        stream.part(sent, 3, 1),
        stream.seal(sent),
        stream.part(sent, 2, 2),
        stream.seal(sent),
        stream.part(sent, 0, 4),
      ])
      for (const [index, { status }] of answers.entries()) {
        expect(index % 2 === 0 ? [200] : [200, 409]).toContain(status)
      }
      expect((await stream.seal(sent)).status).toBe(200)
      await server.open(descriptorOf(sent))
      const result = await server.result(descriptorOf(sent), { prefer: 'wait=300' })
      expect(result.body.equals(sent.bytes)).toBe(true)
    }
    if (kind === 'embedded') expect(await server.blobs()).toHaveLength(5)
  })

  test('that wins while a part is coming leaves the part as received', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    await stream.part(content, 0, 3)
    const connection = await server.connect()
    await connection.writeHead(`PUT ${PATHS.blocks(stream.id, 2)}`, {
      'content-length': MIB + 9,
      'opcache-block-digests': blockDigests(content, 2, 2),
    })
    await connection.write(content.part(2, 1).subarray(0, 1000))
    await stream.part(content, 3, 1)
    expect((await stream.seal(content)).status).toBe(200)
    await connection.write(content.bytes.subarray(2 * MIB + 1000))
    const head = await connection.readHead()
    expect(head.status).toBe(200)
    const body = JSON.parse((await connection.readBody(head)).toString())
    expect(body).toEqual({ state: 'SEALED', presentBlocks: 4 })
    await expectStored(server)
  })
})
