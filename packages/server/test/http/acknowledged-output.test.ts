import { randomUUID } from 'node:crypto'
import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import type { OperationContext } from '../../src/index.js'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../support/content.js'
import { OperationError, scripted } from '../support/scripted.js'
import type { Answer } from '../support/send.js'
import { TestStream } from '../support/stream.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf(bytesOf(6 * MIB + 9))

/** What acknowledgements brought, put together. */
class Collected {
  bytes = Buffer.alloc(0)

  headers(key: string): Record<string, string> {
    return { 'opcache-entry': key, 'opcache-output-from': `${this.bytes.length}` }
  }

  /** Takes the output of an acknowledgement, if it carries some; answers whether it did. */
  take({ headers, body }: Answer): boolean {
    const range = headers['opcache-output-range']
    if (range === undefined) return false
    const [from, to] = String(range).split('-').map(Number)
    expect([from, to]).toEqual([this.bytes.length, this.bytes.length + body.length])
    expect(body.length).toBeLessThanOrEqual(MIB)
    expect(headers).toMatchObject({ 'content-type': 'application/octet-stream', 'opcache-attempt': '1' })
    this.bytes = Buffer.concat([this.bytes, body])
    return true
  }
}

describeStorages('an acknowledgement', kind => {
  test('of a part carries output of the entry that its sender follows', async () => {
    const server = await TestServer.start(kind)
    const descriptor = descriptorOf(content)
    const key = keyOf(descriptor)
    await server.open(descriptor)
    await server.declare(content)
    const collected = new Collected()
    let carried = 0
    for (let first = 0; first < content.blocks; first++) {
      // The same part again carries what has been written since, and moves no block.
      for (let turn = 0; turn < 2; turn++) {
        const answer = await server.part(content, first, 1, { headers: collected.headers(key) })
        expect(answer.status).toBe(200)
        if (collected.take(answer)) {
          carried += 1
          expect(answer.headers['opcache-missing-blocks']).toBe(`${content.blocks - 1 - first}`)
        } else expect(answer.json).toMatchObject({ missingBlocks: content.blocks - 1 - first })
      }
    }
    expect(carried).toBeGreaterThan(0)
    // What is left comes by GET.
    const rest = await server.send(`${PATHS.result(key)}?follow&from=${collected.bytes.length}&attempt=1`)
    expect(Buffer.concat([collected.bytes, rest.body]).equals(content.bytes)).toBe(true)
    expect(server.runs()).toBe(1)
  })

  test('of a part of a stream does, too', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const key = `u-${randomUUID()}`
    const descriptor = { v: 1, operation: { name: 'copy', params: {} } }
    await server.postJson(PATHS.entry(key), { descriptor, source: stream.id })
    const collected = new Collected()
    let blocks = ''
    while (collected.bytes.length < 2 * MIB) {
      const answer = await stream.part(content, 0, 2, { headers: collected.headers(key) })
      if (collected.take(answer)) blocks = String(answer.headers['opcache-present-blocks'])
    }
    expect(blocks).toBe('2')
    expect(collected.bytes.equals(content.part(0, 2))).toBe(true)
  })

  test('after the operation has failed in the middle is a document, and what is left is no end but a failure', async () => {
    const halfWay = {
      ...scripted('half-way'),
      streaming: true,
      run: async ({ input, output }: OperationContext<unknown>) => {
        let bytes = 0
        for await (const chunk of input.stream() as AsyncIterable<Buffer>) {
          output.write(chunk)
          bytes += chunk.length
          if (bytes > 2 * MIB) throw new OperationError('This cannot be read.')
        }
        return {}
      },
    }
    const server = await TestServer.start(kind, { operations: [halfWay] })
    const descriptor = descriptorOf(content, 'half-way')
    const key = keyOf(descriptor)
    await server.open(descriptor)
    await server.declare(content)
    const collected = new Collected()
    const send = (first: number, count: number) =>
      server.part(content, first, count, { headers: collected.headers(key) })
    while (collected.bytes.length < 2 * MIB) collected.take(await send(0, 2))
    expect(collected.bytes.equals(content.part(0, 2))).toBe(true)
    collected.take(await send(2, 1))
    await until(async () => (await server.entry(descriptor)).json.state === 'FAILED')
    const acknowledged = await send(3, 1)
    expect(acknowledged.headers['opcache-output-range']).toBeUndefined()
    expect(acknowledged.json).toMatchObject({ missingBlocks: content.blocks - 4 })
    const rest = await server.send(`${PATHS.result(key)}?follow&from=${collected.bytes.length}&attempt=1`)
    expect([rest.status, rest.json.code]).toEqual([422, 'operation-failed'])
  })

  test('is a document where there is no output', async () => {
    const server = await TestServer.start(kind, { operations: [scripted('plain')] })
    await server.declare(content)
    const plain = descriptorOf(content, 'plain')
    await server.open(plain)
    const headers = { 'opcache-entry': keyOf(plain), 'opcache-output-from': '0' }
    expect((await server.part(content, 0, 1, { headers })).json).toMatchObject({ state: 'PARTIAL' })
    const far = { ...headers, 'opcache-output-from': `${MIB * 99}` }
    expect((await server.part(content, 1, 1, { headers: far })).json).toMatchObject({ state: 'PARTIAL' })
    expect(server.runs()).toBe(0)
  })

  test('is refused where the entry or the offset is none', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const send = (headers: Record<string, string>) => server.part(content, 0, 1, { headers })
    const unknown = await send({ 'opcache-entry': 'f'.repeat(64), 'opcache-output-from': '0' })
    expect([unknown.status, unknown.json.code]).toEqual([404, 'entry-not-found'])
    for (const from of ['-1', 'x', '']) {
      const refused = await send({ 'opcache-entry': 'f'.repeat(64), 'opcache-output-from': from })
      expect(refused.status).toBe(400)
    }
    expect((await send({ 'opcache-entry': 'f'.repeat(64) })).status).toBe(400)
    expect((await server.content(content)).json.missingBlocks).toBe(content.blocks)
  })
})
