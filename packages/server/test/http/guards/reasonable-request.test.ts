import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { contentOf, descriptorOf, keyOf } from '../../support/content.js'
import { TestServer } from '../../support/test-server.js'

test('a connection takes so many requests at a time that wait for their answers', async () => {
  const server = await TestServer.start('memory')
  const descriptor = descriptorOf(contentOf('never sent'))
  await server.open(descriptor)
  const connection = await server.connect()
  const request = (prefer: string) =>
    `GET ${PATHS.entry(keyOf(descriptor))} HTTP/1.1\r\nhost: a\r\n${prefer}\r\n`
  await connection.write(request('prefer: wait=1\r\n') + request('').repeat(199))
  const statuses = new Map<number, number>()
  for (let answers = 0; answers < 200; answers++) {
    const head = await connection.readHead()
    await connection.readBody(head)
    statuses.set(head.status, (statuses.get(head.status) ?? 0) + 1)
  }
  expect([statuses.get(202)! >= 64, statuses.get(429)! > 0, statuses.size]).toEqual([true, true, 2])
  await connection.write(request(''))
  expect((await connection.readHead()).status).toBe(202)
})

test.each([90, 101, 1500])('of %d headers, a hundred are taken', async count => {
  const server = await TestServer.start('memory')
  const headers = Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, '']))
  const answer = await server.send('/v1', { headers })
  if (count < 100) expect(answer.status).toBe(200)
  else {
    expect(answer).toMatchObject({
      status: 400,
      json: { code: 'bad-request', detail: 'A request has at most 100 headers.' },
    })
  }
})

test.each([
  ['without a host', 'GET /v1 HTTP/1.1\r\n\r\n', 400],
  ['with two hosts', 'GET /v1 HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n', 400],
  ['without a host, in HTTP/1.0', 'GET /v1 HTTP/1.0\r\n\r\n', 200],
])('a request %s', async (_what, head, status) => {
  const server = await TestServer.start('memory')
  const connection = await server.connect()
  await connection.write(head)
  const answer = await connection.readHead()
  expect([answer.status, answer.headers['opcache-protocol']]).toEqual([status, '1'])
})
