import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf } from '../support/content.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'

const content = contentOf(bytesOf(2 * MIB + 5))

describeStorages('contents', kind => {
  test('declaring answers the document; again, the same', async () => {
    const server = await TestServer.start(kind)
    const document = {
      id: content.id,
      size: content.size,
      state: 'PARTIAL',
      missing: [[0, 3]],
      missingBlocks: 3,
      unitBlocks: 1,
      partBlocks: 8,
    }
    for (const answer of [
      await server.declare(content),
      await server.declare(content),
      await server.content(content),
    ]) {
      expect(answer.status).toBe(200)
      expect(answer.json).toEqual(document)
      expect(answer.headers['cache-control']).toBe('no-store')
    }
  })

  test('declaring again loses no block', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    await server.part(content, 1, 1)
    expect((await server.declare(content)).json).toMatchObject({
      missing: [
        [0, 1],
        [2, 1],
      ],
      missingBlocks: 2,
    })
  })

  test('a manifest that is not that of the id is refused and nothing is kept', async () => {
    const server = await TestServer.start(kind)
    const swapped = Buffer.concat([
      content.manifest.subarray(32, 64),
      content.manifest.subarray(0, 32),
      content.manifest.subarray(64),
    ])
    for (const wrong of [
      { ...content, manifest: swapped },
      { ...content, manifest: Buffer.alloc(96) },
      { ...content, manifest: content.manifest.subarray(32) },
      { ...content, manifest: Buffer.alloc(0) },
      { ...content, size: content.size + 1 },
      { ...content, size: 3 * MIB },
      { ...content, size: 3 * MIB + 1 },
      { ...content, size: 0 },
      { ...content, id: contentOf('other').id },
    ]) {
      const refused = await server.declare(wrong)
      expect([refused.status, refused.json.code]).toEqual([422, 'manifest-mismatch'])
    }
    expect((await server.content(content)).status).toBe(404)
  })

  test.each(['', '-1', '1.5', '1e3', 'x', '0x10', '99999999999999999999'])(
    'a size of "%s" is refused',
    async size => {
      const server = await TestServer.start(kind)
      const refused = await server.declare(content, { 'opcache-content-size': size })
      expect([refused.status, refused.json.code]).toEqual([400, 'bad-request'])
    },
  )

  test('a declaration without size is refused', async () => {
    const server = await TestServer.start(kind)
    const refused = await server.send(PATHS.content(content.id), { method: 'PUT', body: content.manifest })
    expect([refused.status, refused.json.code]).toEqual([400, 'bad-request'])
  })

  test('a size beyond the limit is refused before a byte of the manifest is read', async () => {
    const server = await TestServer.start(kind, { limits: { maxContentBytes: MIB } })
    const connection = await server.connect()
    await connection.writeHead(`PUT ${PATHS.content(content.id)}`, {
      'opcache-content-size': 2 ** 50,
      'content-length': 2 ** 35,
    })
    const head = await connection.readHead()
    expect(head.status).toBe(413)
    expect(JSON.parse((await connection.readBody(head)).toString()).code).toBe('too-large')
  })

  test('the manifest of a content certifies itself', async () => {
    const server = await TestServer.start(kind)
    expect((await server.send(PATHS.manifest(content.id))).status).toBe(404)
    await server.declare(content)
    const answer = await server.send(PATHS.manifest(content.id))
    expect(answer.status).toBe(200)
    expect(answer.body.equals(content.manifest)).toBe(true)
    expect(answer.headers['opcache-content-size']).toBe(`${content.size}`)
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    expect(answer.headers['cache-control']).toBe('private, no-transform')
  })

  test('an id that is unknown and one that is none are told alike, byte for byte', async () => {
    const server = await TestServer.start(kind)
    const unknown = await server.content({ id: '0'.repeat(64) })
    expect(unknown.json.code).toBe('content-not-found')
    for (const id of ['0'.repeat(63), 'A'.repeat(64), 'x', `u-${'0'.repeat(36)}`, '%00', 'a%2Fb']) {
      for (const path of [PATHS.content(id), PATHS.manifest(id)]) {
        const answer = await server.send(path)
        expect([answer.status, answer.text], path).toEqual([404, unknown.text])
      }
    }
  })

  test('a private content is of no use in the shared space, and the other way round', async () => {
    const server = await TestServer.start(kind)
    const inPrivate = { 'opcache-space': 'private' }
    await server.upload(content, inPrivate)
    expect((await server.content(content, inPrivate)).json.state).toBe('COMPLETE')
    expect((await server.content(content)).status).toBe(404)
    expect((await server.open(descriptorOf(content))).json).toMatchObject({
      state: 'UPLOADING',
      source: null,
    })
    const mine = await server.open({ ...descriptorOf(content), user: 'local' })
    expect(mine.json.state).not.toBe('UPLOADING')
    const other = contentOf('shared only')
    await server.upload(other)
    expect((await server.content(other, inPrivate)).status).toBe(404)
    expect((await server.open({ ...descriptorOf(other), user: 'local' })).json.state).toBe('UPLOADING')
  })

  test('a space that is neither private nor shared is refused', async () => {
    const server = await TestServer.start(kind)
    expect((await server.content(content, { 'opcache-space': 'public' })).json.code).toBe('bad-request')
    expect((await server.content(content, { 'opcache-space': 'shared' })).json.code).toBe('content-not-found')
  })
})

test('a content whose file vanished is declared and sent anew, and starts who waits for it', async () => {
  const server = await TestServer.start('embedded')
  const { folder } = server.storage as { folder: string }
  const removeBlobs = async () => {
    for (const blob of await server.blobs()) await rm(join(folder, 'blobs-v1', blob))
  }

  await server.upload(content)
  await removeBlobs()
  expect((await server.open(descriptorOf(content))).json).toMatchObject({ state: 'UPLOADING', source: null })
  await server.declare(content)
  await server.part(content, 0, 2)
  // What was received of a partial content is gone as well: nothing of it may count.
  await removeBlobs()
  expect((await server.part(content, 2, 1)).json.code).toBe('content-not-found')
  await server.upload(content)
  const result = await server.result(descriptorOf(content), { prefer: 'wait=300' })
  expect(result.body.equals(content.bytes)).toBe(true)

  // A result that lies nowhere any more is a miss, whoever looks.
  await removeBlobs()
  expect((await server.entry(descriptorOf(content))).json).toMatchObject({ state: 'UPLOADING', source: null })
  const again = await server.run('copy', content.bytes)
  expect([again.status, again.headers['opcache-served']]).toEqual([200, 'joined'])
  expect(again.body.equals(content.bytes)).toBe(true)
})

test('a result whose file vanished is made again where the source is stored', async () => {
  const server = await TestServer.start('embedded')
  const { folder } = server.storage as { folder: string }
  const before = contentOf('tiny')
  await server.upload(before)
  const [source] = await server.blobs()
  await server.open(descriptorOf(before, 'gzip'))
  await server.entry(descriptorOf(before, 'gzip'), { prefer: 'wait=300' })
  for (const blob of await server.blobs()) {
    if (blob !== source) await rm(join(folder, 'blobs-v1', blob))
  }
  const looked = await server.entry(descriptorOf(before, 'gzip'), { prefer: 'wait=300' })
  expect(looked.json).toMatchObject({ state: 'COMPLETE', attempt: 2 })
  expect((await server.result(descriptorOf(before, 'gzip'))).status).toBe(200)
})
