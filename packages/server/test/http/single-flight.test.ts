import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf } from '../support/content.js'
import { Gate } from '../support/gate.js'
import { scripted } from '../support/scripted.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'

const content = contentOf(bytesOf(MIB + 1, 9))

describeStorages('one of many', kind => {
  test('a hundred opens of one key begin the operation once', async () => {
    const server = await TestServer.start(kind)
    const descriptor = descriptorOf(content, 'gzip')
    const before = await Promise.all(Array.from({ length: 50 }, () => server.open(descriptor)))
    expect(before.map(({ json }) => json.served).sort()).toEqual([...Array(49).fill('joined'), 'miss'])
    const [, ...during] = await Promise.all([
      server.upload(content),
      ...Array.from({ length: 50 }, () => server.open(descriptor)),
    ])
    expect(during.filter(({ json }) => json.served === 'miss')).toEqual([])
    const results = await Promise.all(
      Array.from({ length: 100 }, () => server.result(descriptor, { prefer: 'wait=300' })),
    )
    expect(new Set(results.map(({ status, headers }) => `${status} ${headers.etag}`)).size).toBe(1)
    expect(results[0]?.status).toBe(200)
    expect(server.runs()).toBe(1)
  })

  test('a hundred opens of a stored source begin the operation once', async () => {
    const server = await TestServer.start(kind)
    await server.upload(content)
    const opened = await Promise.all(
      Array.from({ length: 100 }, () => server.open(descriptorOf(content, 'gzip'))),
    )
    expect(opened.filter(({ json }) => json.served === 'miss')).toHaveLength(1)
    await server.entry(descriptorOf(content, 'gzip'), { prefer: 'wait=300' })
    expect(server.runs()).toBe(1)
  })

  test('a hundred runs with one body run once, and store it once', async () => {
    const gate = new Gate()
    const shout = scripted('shout', {
      run: (_run, _context, source) => gate.opened.then(() => Buffer.concat([source, source])),
    })
    const server = await TestServer.start(kind, { operations: [shout] })
    const running = Array.from({ length: 100 }, () => server.run('shout', content.bytes))
    gate.open()
    const answers = await Promise.all(running)
    const result = contentOf(Buffer.concat([content.bytes, content.bytes]))
    expect(new Set(answers.map(({ status, headers }) => `${status} ${headers.etag}`))).toEqual(
      new Set([`200 "${result.id}"`]),
    )
    expect(answers.every(({ body }) => body.equals(result.bytes))).toBe(true)
    expect(shout.runs).toBe(1)
    if (kind === 'embedded') expect(await server.blobs()).toHaveLength(2)
  })

  test('runs and uploads in parts of one content get on with each other', async () => {
    const server = await TestServer.start(kind)
    const big = contentOf(bytesOf(6 * MIB + 3, 10))
    await Promise.all([
      server.upload(big).then(() => server.open(descriptorOf(big))),
      server.run('copy', big.bytes),
      server.open(descriptorOf(big)),
      server.upload(big),
      server.run('copy', big.bytes),
    ])
    const result = await server.result(descriptorOf(big), { prefer: 'wait=300' })
    expect(result.body.equals(big.bytes)).toBe(true)
    expect(server.runs()).toBe(1)
    // Source and result are the same bytes, so they are one content.
    if (kind === 'embedded') expect(await server.blobs()).toHaveLength(1)
  })
})
