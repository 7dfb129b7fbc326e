import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { bytesOf, contentOf } from '../support/content.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'

const content = contentOf(bytesOf(2 * MIB))

describeStorages('a closing server', kind => {
  test('ends what is under way, tells that it is closing, and begins nothing', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    expect((await server.send('/readyz')).status).toBe(200)
    const upload = await server.connect()
    await upload.writeHead(`PUT ${PATHS.blocks(content.id, 0)}`, {
      'content-length': content.size,
      expect: '100-continue',
    })
    expect((await upload.readHead()).status).toBe(100)
    await upload.write(content.bytes.subarray(0, 1.5 * MIB))
    const closed = server.server.close()

    // On connections of their own: it still listens.
    expect(await server.send('/healthz')).toMatchObject({ status: 200, headers: { connection: 'close' } })
    expect(await server.send('/readyz')).toMatchObject({ status: 503, json: { reasons: ['closing'] } })
    expect(await server.declare(content)).toMatchObject({ status: 503, json: { code: 'busy' } })
    expect((await server.run('copy', 'x')).headers['retry-after']).toBe('5')

    await upload.write(content.bytes.subarray(1.5 * MIB))
    const head = await upload.readHead()
    expect(head.status).toBe(200)
    expect(JSON.parse((await upload.readBody(head)).toString())).toMatchObject({ missingBlocks: 0 })
    await closed
    await expect(server.send('/healthz')).rejects.toThrow('ECONNREFUSED')
  })
})
