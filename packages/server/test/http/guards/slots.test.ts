import { PATHS } from '@opcache/protocol'
import { describe, expect, test } from 'vitest'
import { LOCAL_CALLER } from '../../../src/engine/caller.js'
import { Slots } from '../../../src/http/guards/slots.js'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../../support/content.js'
import { Tokens } from '../../support/credentials.js'
import { Gate } from '../../support/gate.js'
import type { RawConnection } from '../../support/raw-connection.js'
import { scripted } from '../../support/scripted.js'
import { MIB, type TestOptions, TestServer } from '../../support/test-server.js'
import { until } from '../../support/until.js'

type Credential = { authorization: string }

/** A server with two users of one namespace, and one of another. */
async function startWithUsers(options: TestOptions) {
  const tokens = await Tokens.make()
  const anna = await tokens.add({ user: 'anna' })
  const bert = await tokens.add({ user: 'bert' })
  const other = await tokens.add({ user: 'anna', namespace: 'other' })
  const server = await TestServer.start('memory', { auth: { tokens: tokens.path }, ...options })
  return { server, anna, bert, other }
}

describe('bodies that come at a time', () => {
  const content = contentOf(bytesOf(3 * MIB))
  const part = (first: number) => `PUT ${PATHS.blocks(content.id, first)}`

  async function begin(server: TestServer, credential: Credential, first: number): Promise<RawConnection> {
    const connection = await server.connect()
    await connection.writeHead(part(first), { ...credential, expect: '100-continue', 'content-length': MIB })
    return connection
  }

  test('are bounded for each user and for all, before any byte of them; who ends makes room', async () => {
    const limits = { maxUploadsPerUser: 2, maxUploads: 3 }
    const { server, anna, bert, other } = await startWithUsers({ limits })
    for (const credential of [anna, other]) await server.declare(content, credential)
    const first = await begin(server, anna, 0)
    expect((await first.readHead()).status).toBe(100)
    const second = await begin(server, anna, 1)
    expect((await second.readHead()).status).toBe(100)
    const third = await begin(server, anna, 2)
    expect(await third.readHead()).toMatchObject({ status: 429, headers: { 'retry-after': '5' } })
    expect((await (await begin(server, other, 0)).readHead()).status).toBe(100)
    const fourth = await begin(server, bert, 2)
    expect(await fourth.readHead()).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    // Small requests, and those without a body, are bodies like others, or none.
    expect((await server.content(content, anna)).status).toBe(200)
    await first.write(content.part(0, 1))
    expect((await first.readHead()).status).toBe(200)
    expect((await server.part(content, 2, 1, { headers: anna })).status).toBe(200)
    second.destroy()
    await until(async () => (await server.part(content, 1, 1, { headers: anna })).status === 200)
  })

  test('do not count any more once they were answered, whether all of them has come or not', async () => {
    const server = await TestServer.start('memory', { limits: { maxUploadsPerUser: 1 } })
    await server.declare(content)
    for (let refused = 0; refused < 3; refused++) {
      const connection = await server.connect()
      await connection.writeHead(part(0), { 'content-length': 2 * MIB, connection: 'close' })
      await connection.write(Buffer.alloc(MIB))
      expect((await connection.readHead()).status).toBe(422)
      connection.destroy()
      await until(async () => (await server.part(content, 2, 1)).status === 200)
    }
  })

  test('do not count while their results are waited for', async () => {
    const gate = new Gate()
    const held = scripted('held', { run: () => gate.opened.then(() => 'done') })
    const server = await TestServer.start('memory', { operations: [held], limits: { maxUploadsPerUser: 1 } })
    const running = ['a', 'b'].map(body => server.run('held', body))
    await until(async () => (await server.send(PATHS.entries)).json.entries.length === 2)
    gate.open()
    for (const { text } of await Promise.all(running)) expect(text).toBe('done')
  })
})

describe('requests that wait at a time', () => {
  const descriptor = descriptorOf(contentOf('never sent'))
  const path = PATHS.entry(keyOf(descriptor))

  test.each<[string, Record<string, string>, string]>([
    ['long polls', { prefer: 'wait=300' }, path],
    ['long polls for a result', { prefer: 'wait=300' }, `${path}/result`],
    ['event streams', { accept: 'text/event-stream' }, path],
    ['followers', { prefer: 'wait=300' }, `${path}/result?follow`],
  ])('are bounded: %s', async (_kind, headers, waitingPath) => {
    const { server, anna, bert, other } = await startWithUsers({
      limits: { maxWaitsPerUser: 1, maxWaits: 2 },
    })
    for (const credential of [anna, other]) await server.open(descriptor, {}, credential)
    const wait = async (credential: Credential) => {
      const connection = await server.connect()
      await connection.writeHead(`GET ${waitingPath}`, { ...credential, ...headers })
      return connection
    }
    const waiting = await wait(anna)
    const refusal = async (credential: Credential) => {
      const { status, headers: told } = await server.send(path, {
        headers: { ...credential, prefer: 'wait=1' },
      })
      return status === 202 ? undefined : [status, told['retry-after']]
    }
    await until(async () => (await refusal(anna)) !== undefined)
    expect(await refusal(anna)).toEqual([429, '5'])
    // Who only asks does not wait.
    expect((await server.entry(descriptor, anna)).status).toBe(202)
    await wait(other)
    await until(async () => (await refusal(bert))?.[0] === 503)
    waiting.destroy()
    await until(async () => (await refusal(anna)) === undefined)
  })
})

test('a slot is given back once, however often that is said', () => {
  const slots = new Slots('things', { ofUser: 4, inAll: 4 })
  const [one] = [slots.take(LOCAL_CALLER), slots.take(LOCAL_CALLER, 3)]
  expect(() => slots.take(LOCAL_CALLER)).toThrow(/4 things/)
  one()
  one()
  expect(slots.taken).toBe(3)
  expect(() => slots.take(LOCAL_CALLER, 2)).toThrow()
  slots.take(LOCAL_CALLER)
})
