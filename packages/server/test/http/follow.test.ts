import { randomUUID } from 'node:crypto'
import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/engine/limits.js'
import type { InlineOperation, OperationContext, ServerOptions } from '../../src/index.js'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../support/content.js'
import { Follower } from '../support/follower.js'
import { Gate } from '../support/gate.js'
import { OperationError, orStopped, scripted } from '../support/scripted.js'
import { skipTime } from '../support/skip-time.js'
import { TestStream } from '../support/stream.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf(bytesOf(4 * MIB + 9))

/** A streaming operation that gives back what it reads, until `when` says otherwise. */
function echo(when: (bytes: number, context: OperationContext<unknown>) => unknown = () => undefined) {
  const operation: InlineOperation = {
    name: 'echo',
    version: '1',
    summary: 'Gives back what it reads',
    params: { type: 'object' },
    streaming: true,
    run: async context => {
      let bytes = 0
      for await (const chunk of context.input.stream() as AsyncIterable<Buffer>) {
        context.output.write(chunk)
        bytes += chunk.length
        await when(bytes, context)
      }
      if (bytes === 0) context.output.end()
      return {}
    },
  }
  return operation
}

/** An entry whose source is a stream. */
async function streamed(server: TestServer, operation = 'echo') {
  const stream = new TestStream(server)
  const path = PATHS.entry(`u-${randomUUID()}`)
  const descriptor = { v: 1, operation: { name: operation, params: {} } }
  await server.postJson(path, { descriptor, source: stream.id })
  return {
    stream,
    follow: (query = '') => Follower.open(`${server.url}${path}/result?follow${query}`),
    result: () => server.send(`${path}/result`, { headers: { prefer: 'wait=300' } }),
    entry: async () => (await server.send(path)).json,
    delete: () => server.send(path, { method: 'DELETE' }),
  }
}

describeStorages('who follows an entry', kind => {
  const start = (options: Partial<ServerOptions> = {}) =>
    TestServer.start(kind, { operations: [echo()], ...options })

  test('gets output of a stream while it is still coming, and its end with the seal', async () => {
    const server = await start()
    const { stream, follow, entry, result } = await streamed(server)
    const following = follow()
    await stream.part(content, 0, 1)
    const follower = await following
    expect(follower.headers).toMatchObject({ 'opcache-attempt': '1', 'transfer-encoding': 'chunked' })
    expect(follower.headers).not.toHaveProperty('content-length')
    expect(follower.headers).not.toHaveProperty('etag')
    expect((await follower.take(MIB)).equals(content.part(0, 1))).toBe(true)
    expect(await entry()).toMatchObject({ state: 'UPLOADING', attempt: 1 })
    await stream.part(content, 1, 2)
    expect((await follower.take(2 * MIB)).equals(content.part(1, 2))).toBe(true)
    await stream.part(content, 3, 2)
    expect((await follower.take(MIB + 9)).equals(content.part(3, 2))).toBe(true)
    expect(follower.hasEnded).toBe(false)
    await stream.seal(content)
    expect((await follower.rest()).length).toBe(0)
    expect(follower.isWhole).toBe(true)
    expect(await entry()).toMatchObject({ state: 'COMPLETE', attempt: 1, result: { id: content.id } })
    expect((await result()).body.equals(content.bytes)).toBe(true)
    expect(server.runs()).toBe(1)
    // The result is under the content's key as well.
    const named = await server.open(descriptorOf(content, 'echo'))
    expect(named.json).toMatchObject({ state: 'COMPLETE', served: 'hit' })
    expect(server.runs()).toBe(1)
  })

  test('gets output of a content as its first blocks come, and only of those without a gap', async () => {
    const server = await start()
    const descriptor = descriptorOf(content, 'echo')
    await server.open(descriptor)
    await server.declare(content)
    const following = Follower.open(`${server.url}${PATHS.result(keyOf(descriptor))}?follow`)
    await server.part(content, 2, 3)
    await server.part(content, 0, 1)
    const follower = await following
    expect((await follower.take(MIB)).equals(content.part(0, 1))).toBe(true)
    expect(follower.unread).toBe(0)
    await server.part(content, 1, 1)
    expect((await follower.rest()).equals(content.bytes.subarray(MIB))).toBe(true)
    expect(follower.isWhole).toBe(true)
    expect((await server.entry(descriptor)).json).toMatchObject({ state: 'COMPLETE', attempt: 1 })
    expect(server.runs()).toBe(1)
  })

  test('shares one attempt with a hundred others, early, late and slow ones', async () => {
    const server = await start()
    const { stream, follow } = await streamed(server)
    await stream.part(content, 0, 1)
    const early = await Promise.all(Array.from({ length: 50 }, () => follow()))
    const slow = await follow()
    slow.pause()
    await stream.part(content, 1, 3)
    const late = await Promise.all(Array.from({ length: 48 }, () => follow()))
    await stream.part(content, 4, 1)
    await stream.seal(content)
    const last = await follow()
    slow.resume()
    for (const follower of [...early, slow, ...late, last]) {
      expect((await follower.rest()).equals(content.bytes)).toBe(true)
      expect(follower.isWhole).toBe(true)
    }
    expect(server.runs()).toBe(1)
  })

  test('goes on where it was, in the same attempt only', async () => {
    const server = await start()
    const { stream, follow } = await streamed(server)
    await stream.part(content, 0, 2)
    const first = await follow()
    await first.take(MIB + 5)
    first.destroy()
    const second = await follow(`&from=${MIB + 5}&attempt=1`)
    expect((await second.take(MIB - 5)).equals(content.bytes.subarray(MIB + 5, 2 * MIB))).toBe(true)
    expect((await follow('&from=5&attempt=2')).status).toBe(409)
    expect((await follow('&from=5')).status).toBe(400)
    await stream.part(content, 2, 3)
    await stream.seal(content)
    expect((await second.rest()).equals(content.bytes.subarray(2 * MIB))).toBe(true)
    const after = await follow(`&from=${3 * MIB}&attempt=1`)
    expect(after.headers).toMatchObject({ etag: `"${content.id}"`, 'content-length': `${MIB + 9}` })
    expect((await after.rest()).equals(content.bytes.subarray(3 * MIB))).toBe(true)
    const other = await follow('&from=5&attempt=7')
    expect(other.status).toBe(409)
    expect(JSON.parse((await other.rest()).toString()).code).toBe('attempt-changed')
    expect((await follow(`&from=${content.size + 1}&attempt=1`)).status).toBe(416)
    expect((await (await follow(`&from=${content.size}&attempt=1`)).rest()).length).toBe(0)
  })

  test('is cut off when the operation fails in the middle, and the entry has failed at once', async () => {
    const failing = echo(bytes => {
      if (bytes > 2 * MIB) throw new OperationError('This cannot be read.')
    })
    const server = await start({ operations: [failing] })
    const { stream, follow, entry, result } = await streamed(server)
    await stream.part(content, 0, 2)
    const follower = await follow()
    expect((await follower.take(2 * MIB)).equals(content.part(0, 2))).toBe(true)
    await stream.part(content, 2, 1)
    await follower.rest()
    expect(follower.isWhole).toBe(false)
    expect(await entry()).toMatchObject({ state: 'FAILED', attempt: 1, error: { deterministic: true } })
    const refused = await follow()
    expect(refused.status).toBe(422)
    // The upload goes on all the same.
    await stream.part(content, 3, 2)
    expect((await stream.seal(content)).status).toBe(200)
    expect((await result()).status).toBe(422)
  })

  test('is told of a failure in words where there was no output yet', async () => {
    const server = await start()
    const { stream, follow } = await streamed(server, 'gunzip')
    const following = follow()
    await stream.part(content, 0, 1)
    const refused = await following
    expect(refused.status).toBe(422)
    expect(JSON.parse((await refused.rest()).toString())).toMatchObject({
      code: 'operation-failed',
      deterministic: true,
    })
  })

  test('is cut off when no block comes any more, and the next one begins another attempt', async () => {
    const server = await start()
    const { stream, follow, entry } = await streamed(server)
    await stream.part(content, 0, 1)
    const first = await follow()
    await first.take(MIB)
    skipTime(2 * DEFAULT_LIMITS.liveIdleMs)
    await first.rest()
    expect(first.isWhole).toBe(false)
    await until(async () => (await entry()).state === 'UPLOADING')
    const second = await follow()
    expect(second.headers['opcache-attempt']).toBe('2')
    await stream.part(content, 1, 4)
    await stream.seal(content)
    expect((await second.rest()).equals(content.bytes)).toBe(true)
    expect(await entry()).toMatchObject({ state: 'COMPLETE', attempt: 2 })
  })

  test('waits for the ordinary attempt where too many live ones run', async () => {
    const server = await start({ limits: { maxLiveAttempts: 1 } })
    const one = await streamed(server)
    const two = await streamed(server)
    await one.stream.part(content, 0, 1)
    const first = await one.follow()
    await first.take(MIB)
    const following = two.follow()
    await two.stream.send(content)
    const second = await following
    expect((await second.rest()).equals(content.bytes)).toBe(true)
    await one.stream.part(content, 1, 4)
    await one.stream.seal(content)
    expect((await first.rest()).equals(content.bytes.subarray(MIB))).toBe(true)
  })

  test('waits for the whole of what does not stream', async () => {
    const plain = scripted('plain')
    const server = await start({ operations: [plain] })
    const { stream, follow } = await streamed(server, 'plain')
    const following = follow()
    await stream.send(content)
    const follower = await following
    expect(follower.headers).toMatchObject({ 'content-length': `${content.size}`, etag: `"${content.id}"` })
    expect((await follower.rest()).equals(content.bytes)).toBe(true)
    expect(plain.runs).toBe(1)
  })

  test('costs nothing that nobody follows', async () => {
    const server = await start()
    const { stream, entry } = await streamed(server)
    await stream.part(content, 0, 2)
    expect(await entry()).toMatchObject({ state: 'UPLOADING', attempt: 0 })
    expect(server.runs()).toBe(0)
  })

  test('sees output of an attempt on a complete source at once', async () => {
    const gate = new Gate()
    let isHeld = false
    const held = echo(async (_, { signal }) => {
      if (isHeld) return
      isHeld = true
      await orStopped(gate.opened, signal)
    })
    const server = await start({ operations: [held] })
    const { stream, follow } = await streamed(server)
    await stream.send(content)
    const follower = await follow()
    await follower.take(1)
    gate.open()
    await follower.rest()
    expect(follower.isWhole).toBe(true)
    expect(server.runs()).toBe(1)
  })

  test('is cut off when the entry is deleted', async () => {
    const server = await start()
    const { stream, follow, ...rest } = await streamed(server)
    await stream.part(content, 0, 1)
    const follower = await follow()
    await follower.take(MIB)
    expect((await rest.delete()).status).toBe(204)
    await follower.rest()
    expect(follower.isWhole).toBe(false)
    expect((await follow()).status).toBe(404)
  })

  test('gets a result that was there already, though its own bytes are given up', async () => {
    const server = await start()
    await server.run('copy', content.bytes)
    const { stream, follow } = await streamed(server)
    await stream.part(content, 0, 2)
    const slow = await follow()
    slow.pause()
    await stream.part(content, 2, 3)
    await stream.seal(content)
    await until(async () => (await server.open(descriptorOf(content, 'echo'))).json.state === 'COMPLETE')
    slow.resume()
    expect((await slow.rest()).equals(content.bytes)).toBe(true)
    expect(slow.isWhole).toBe(true)
  })

  test('of the empty content gets nothing, and its end', async () => {
    const server = await start()
    const { stream, follow } = await streamed(server)
    const following = follow()
    await stream.seal(contentOf(''))
    const follower = await following
    expect((await follower.rest()).length).toBe(0)
    expect(follower.isWhole).toBe(true)
  })
})
