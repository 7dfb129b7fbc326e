import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { bytesOf, type Content, contentOf, descriptorOf } from '../support/content.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf(bytesOf(5 * MIB + 77))
const last = content.blocks - 1

async function expectWhole(server: TestServer, sent: Content): Promise<void> {
  expect((await server.content(sent)).json).toMatchObject({
    state: 'COMPLETE',
    missing: [],
    missingBlocks: 0,
  })
  await server.open(descriptorOf(sent))
  const result = await server.result(descriptorOf(sent), { prefer: 'wait=300' })
  expect(result.body.equals(sent.bytes)).toBe(true)
}

describeStorages('parts', kind => {
  test('come in any order, and each answer says what is still missing', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const acknowledged: unknown[] = []
    for (const [first, count] of [
      [last, 1],
      [2, 2],
      [0, 1],
      [4, 1],
      [1, 1],
    ] as const) {
      const answer = await server.part(content, first, count)
      expect(answer.headers['cache-control']).toBe('no-store')
      acknowledged.push(answer.json)
    }
    expect(acknowledged).toEqual([
      { missingBlocks: 5, state: 'PARTIAL' },
      { missingBlocks: 3, state: 'PARTIAL' },
      { missingBlocks: 2, state: 'PARTIAL' },
      { missingBlocks: 1, state: 'PARTIAL' },
      { missingBlocks: 0, state: 'COMPLETE' },
    ])
    await expectWhole(server, content)
  })

  test('overlap and repeat without harm', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    await server.part(content, 1, 1)
    await server.part(content, 3, 1)
    // Blocks that are present lie between those that are not.
    expect((await server.part(content, 0, 5)).json).toEqual({ missingBlocks: 1, state: 'PARTIAL' })
    expect((await server.part(content, 0, 5)).json).toEqual({ missingBlocks: 1, state: 'PARTIAL' })
    await server.part(content, 0, content.blocks)
    expect((await server.part(content, 2, 2)).json).toEqual({ missingBlocks: 0, state: 'COMPLETE' })
    await expectWhole(server, content)
  })

  test('every second block present, the rest in one part: the right bytes stand at every place', async () => {
    const server = await TestServer.start(kind)
    const wide = contentOf(bytesOf(32 * MIB, 3))
    await server.declare(wide)
    for (let index = 1; index < wide.blocks; index += 2) await server.part(wide, index, 1)
    await server.part(wide, 0, wide.blocks)
    await expectWhole(server, wide)
  })

  test('several clients send one content at once', async () => {
    const server = await TestServer.start(kind)
    const big = contentOf(bytesOf(12 * MIB + 1, 4))
    const client = async (offset: number) => {
      await server.declare(big)
      await server.open(descriptorOf(big))
      for (let step = 0; step < big.blocks; step++) {
        const answer = await server.part(big, (offset + step) % big.blocks, 1)
        expect(answer.status).toBe(200)
      }
    }
    await Promise.all([client(0), client(5), client(9), client(0)])
    await expectWhole(server, big)
    expect(server.runs()).toBe(1)
  })

  test('a content of exactly so many blocks has no shorter last one', async () => {
    const server = await TestServer.start(kind)
    const exact = contentOf(bytesOf(3 * MIB, 2))
    await server.declare(exact)
    expect((await server.part(exact, 0, 3)).json).toEqual({ missingBlocks: 0, state: 'COMPLETE' })
    await expectWhole(server, exact)
  })

  test('a bad block is refused with its index; the good ones before it stay', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const bytes = Buffer.from(content.bytes)
    bytes[3 * MIB + 5]! ^= 1
    const refused = await server.part({ ...content, part: () => bytes }, 0, content.blocks)
    expect([refused.status, refused.json.code, refused.json.block]).toEqual([422, 'block-mismatch', 3])
    expect((await server.content(content)).json).toMatchObject({ missing: [[3, 3]], missingBlocks: 3 })
    await server.part(content, 3, 3)
    await expectWhole(server, content)
  })

  test('a bad first block and a bad last one are refused as well', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const zeros = { ...content, part: (first: number) => Buffer.alloc(first === last ? 77 : MIB) }
    for (const index of [0, last]) {
      expect((await server.part(zeros, index, 1)).json).toMatchObject({
        code: 'block-mismatch',
        block: index,
      })
    }
    expect((await server.content(content)).json.missingBlocks).toBe(content.blocks)
  })

  test('whole blocks that came before a cut stay', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const connection = await server.connect()
    await connection.writeHead(`PUT ${PATHS.blocks(content.id, 0)}`, { 'content-length': content.size })
    await connection.write(content.bytes.subarray(0, 2.5 * MIB))
    connection.destroy()
    await until(async () => (await server.content(content)).json.missingBlocks === 4)
    expect((await server.content(content)).json.missing).toEqual([[2, 4]])
  })

  const offGrid: [name: string, first: string, bytes: number][] = [
    ['of no bytes', '0', 0],
    ['with less than a block that is not the last', '0', MIB - 1],
    ['with a block and a byte', '0', MIB + 1],
    ['whose last block is too short', '5', 76],
    ['whose last block is too long', '5', 78],
    ['beyond the end', '6', 77],
    ['that begins inside and ends outside', '4', 2 * MIB],
    ['far beyond the end', '999999999999', MIB],
    ['at a negative block', '-1', MIB],
    ['at half a block', '0.5', MIB],
    ['at no number', 'x', MIB],
    ['at a number with a sign', '+1', MIB],
    ['at a number that no double holds', '9999999999999999', MIB],
    ['at a number of many digits', '9'.repeat(40), MIB],
  ]
  test.each(offGrid)('a part %s is refused', async (_name, first, bytes) => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const refused = await server.send(PATHS.blocks(content.id, first), {
      method: 'PUT',
      body: Buffer.alloc(bytes),
    })
    expect([refused.status, refused.json.code]).toEqual([400, 'bad-request'])
    expect((await server.content(content)).json.missingBlocks).toBe(content.blocks)
  })

  test('a part is judged before a byte of it is read', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const huge = contentOf(bytesOf(65 * MIB, 6))
    await server.declare(huge)
    const judged = async (path: string, length: number) => {
      const connection = await server.connect()
      await connection.writeHead(`PUT ${path}`, { 'content-length': length })
      const head = await connection.readHead()
      const { code } = JSON.parse((await connection.readBody(head)).toString())
      connection.destroy()
      return [head.status, code]
    }
    expect(await judged(PATHS.blocks(huge.id, 0), 65 * MIB)).toEqual([413, 'too-large'])
    expect(await judged(PATHS.blocks(content.id, 0), 2 ** 40)).toEqual([400, 'bad-request'])
    expect(await judged(PATHS.blocks('0'.repeat(64), 0), MIB)).toEqual([404, 'content-not-found'])
  })

  test('a part without a length is refused', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const connection = await server.connect()
    await connection.writeHead(`PUT ${PATHS.blocks(content.id, 0)}`, { 'transfer-encoding': 'chunked' })
    const head = await connection.readHead()
    expect(head.status).toBe(411)
    expect(JSON.parse((await connection.readBody(head)).toString()).code).toBe('length-required')
  })

  test('an encoded part is refused: its bytes would have another identity', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const encoded = await server.part(content, 0, 1, { headers: { 'content-encoding': 'gzip' } })
    expect([encoded.status, encoded.json.code]).toEqual([415, 'unsupported-encoding'])
    const identity = await server.part(content, 0, 1, { headers: { 'content-encoding': 'identity' } })
    expect(identity.status).toBe(200)
  })

  test('the type of a part does not matter', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    for (const [index, type] of ['application/json', 'garbage', 'text/plain; charset=x', ''].entries()) {
      const answer = await server.part(content, index, 1, { headers: { 'content-type': type } })
      expect(answer.status, type).toBe(200)
    }
  })

  test('a part is acknowledged as complete when the content came from elsewhere meanwhile', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const connection = await server.connect()
    await connection.writeHead(`PUT ${PATHS.blocks(content.id, 0)}`, { 'content-length': content.size })
    await connection.write(content.part(0, 2))
    await server.run('copy', content.bytes)
    await connection.write(content.bytes.subarray(2 * MIB))
    const head = await connection.readHead()
    expect(head.status).toBe(200)
    const body = JSON.parse((await connection.readBody(head)).toString())
    expect(body).toEqual({ missingBlocks: 0, state: 'COMPLETE' })
    if (kind === 'embedded') expect(await server.blobs()).toHaveLength(1)
    await expectWhole(server, content)
  })
})
