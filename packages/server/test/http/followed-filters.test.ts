import { randomUUID } from 'node:crypto'
import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { commandOperation } from '../../src/index.js'
import { bytesOf, contentOf } from '../support/content.js'
import { Follower } from '../support/follower.js'
import { TestStream } from '../support/stream.js'
import { MIB, TestServer } from '../support/test-server.js'

const content = contentOf(bytesOf(4 * MIB + 9))
const params = { type: 'object' } as const

const filter = (name: string, script: string) =>
  commandOperation({
    name,
    version: '1',
    summary: 'Runs a filter',
    params,
    command: ['sh', '-c', script],
    output: {},
    streaming: true,
  })

/** An entry whose source is a stream, with its first blocks. */
async function streamed(server: TestServer, operation: string) {
  const stream = new TestStream(server)
  const path = PATHS.entry(`u-${randomUUID()}`)
  await server.postJson(path, {
    descriptor: { v: 1, operation: { name: operation, params: {} } },
    source: stream.id,
  })
  await stream.part(content, 0, 2)
  const follow = () => Follower.open(`${server.url}${path}/result?follow`)
  return { stream, follow, entry: async () => (await server.send(path)).json }
}

test('a tool that is a filter works on a source that is still coming', async () => {
  const server = await TestServer.start('embedded', { operations: [filter('pass', 'cat')] })
  const { stream, follow } = await streamed(server, 'pass')
  const follower = await follow()
  expect((await follower.take(2 * MIB)).equals(content.part(0, 2))).toBe(true)
  await stream.part(content, 2, 3)
  await stream.seal(content)
  expect((await follower.rest()).equals(content.bytes.subarray(2 * MIB))).toBe(true)
  expect(follower.isWhole).toBe(true)
  expect(server.runs()).toBe(1)
})

test('a filter that dies half-way cuts its followers off, and no part is taken for the whole', async () => {
  const operations = [
    filter('dies', 'head -c 1048576; exit 3'),
    filter('killed', 'head -c 1048576; kill -9 $$'),
  ]
  const server = await TestServer.start('embedded', { operations })
  for (const [name, state] of [
    ['dies', 'FAILED'],
    ['killed', 'UPLOADING'],
  ] as const) {
    const { follow, entry } = await streamed(server, name)
    const follower = await follow()
    await follower.rest()
    expect(follower.isWhole).toBe(false)
    expect((await entry()).state).toBe(state)
  }
})
